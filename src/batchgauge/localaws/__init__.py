"""The embedded AWS: `batchmodel` served in real time, over real HTTP, with real processes; moto for its neighbours."""
