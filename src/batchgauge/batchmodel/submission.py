"""SubmitJob."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from batchgauge.batchmodel.agenda import Agenda
from batchgauge.batchmodel.draws import Draws
from batchgauge.batchmodel.identifiers import JOB_NAME, Names
from batchgauge.batchmodel.job_definitions import JobDefinition, JobDefinitions
from batchgauge.batchmodel.job_queues import JobQueue, JobQueues
from batchgauge.batchmodel.jobs import NO_TAGS, ArrayState, Job, JobStore
from batchgauge.batchmodel.life_cycle import LifeCycle
from batchgauge.batchmodel.refusals import client_error, invalid_request
from batchgauge.batchmodel.specification import MAX_KEPT, Specifications
from batchgauge.batchmodel.tags import checked_tags
from batchgauge.batchmodel.ties import N_TO_N, SEQUENTIAL, Ties

ARRAY_SIZES: Final = (2, 10_000)
MAX_DEPENDENCIES: Final = 20
ELSEWHERE: Final = frozenset(
    {"nodeOverrides", "eksPropertiesOverride", "ecsPropertiesOverride", "consumableResourcePropertiesOverride"}
)


class Submission:
    """Makes jobs."""

    def __init__(
        self,
        *,
        names: Names,
        agenda: Agenda,
        draws: Draws,
        queues: JobQueues,
        definitions: JobDefinitions,
        specifications: Specifications,
        store: JobStore,
        life_cycle: LifeCycle,
        ties: Ties,
        on_submitted: Callable[[Job], None],
    ) -> None:
        self._names = names
        self._agenda = agenda
        self._draws = draws
        self._queues = queues
        self._definitions = definitions
        self._specifications = specifications
        self._store = store
        self._life_cycle = life_cycle
        self._ties = ties
        self._on_submitted = on_submitted
        self._known_tags: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}

    def submit(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """SubmitJob; its throttle has been passed."""
        name = parameters["jobName"]
        if not JOB_NAME.fullmatch(name):
            raise invalid_request("Job name should match valid pattern")
        queue = self._queues.named(parameters["jobQueue"])
        if queue.state != "ENABLED" or queue.status == "DELETING":
            raise client_error(f"Job Queue {queue.arn} is not in ENABLED state.")
        definition = self._definitions.active(parameters["jobDefinition"])
        _check_platform(definition, queue)
        _check_share(parameters, queue)
        if not ELSEWHERE.isdisjoint(parameters):
            _check_kind(parameters)
        array_size = _array_size(parameters)
        dependencies = parameters.get("dependsOn", ())
        if dependencies:
            self._check_dependencies(dependencies, array_size)
        job = self._job(name, queue, definition, parameters, array_size)
        self._store.add(job)
        if dependencies:
            job.depends_on = dependencies
            self._ties.link(job, dependencies)
        self._life_cycle.submitted(job, "SubmitJob")
        self._on_submitted(job)
        return {"jobArn": self._names.job_prefix + job.job_id, "jobName": name, "jobId": job.job_id}

    def _job(
        self,
        name: str,
        queue: JobQueue,
        definition: JobDefinition,
        parameters: Mapping[str, Any],
        array_size: int | None,
    ) -> Job:
        specification = self._specifications.of(definition, parameters)
        tags = self._tags(parameters["tags"]) if "tags" in parameters else NO_TAGS
        number = self._store.take_numbers(1 + (array_size or 0))
        job_id = self._draws.uuid("job", number)
        job = Job(number, job_id, name, queue, specification, created_ms=self._agenda.now_ms)
        job.tags = tags
        job.share_identifier = parameters.get("shareIdentifier")
        if array_size is not None:
            job.array = ArrayState(array_size)
        return job

    def _tags(self, tags: Mapping[str, str]) -> Mapping[str, str]:
        """One mapping for all jobs that are tagged alike: it is what a job would weigh most by."""
        key = tuple(tags.items())
        known = self._known_tags.get(key)
        if known is None:
            if len(self._known_tags) >= MAX_KEPT:
                self._known_tags.clear()
            known = self._known_tags[key] = checked_tags(tags)
        return known

    def _check_dependencies(self, dependencies: Sequence[Mapping[str, Any]], array_size: int | None) -> None:
        if len(dependencies) > MAX_DEPENDENCIES:
            raise invalid_request(f"Job cannot have more than {MAX_DEPENDENCIES} dependencies")
        for dependency in dependencies:
            job_id, kind = dependency.get("jobId"), dependency.get("type")
            target = self._store.find(job_id) if job_id else None
            if job_id and target is None:
                raise client_error(f"Job dependency {job_id} not found.")
            if not job_id and (kind != SEQUENTIAL or array_size is None):
                raise client_error("A job dependency without a job id must be of type SEQUENTIAL and of an array job")
            if kind == N_TO_N:
                _check_pairs(target, array_size)


def _check_pairs(target: Job | None, array_size: int | None) -> None:
    if array_size is None or target is None or target.array is None or target.array.size != array_size:
        raise client_error("N_TO_N dependencies must be between array jobs of the same size")


def _check_kind(parameters: Mapping[str, Any]) -> None:
    for name in sorted(ELSEWHERE):
        if parameters.get(name):
            raise client_error(f"{name} is not supported by the embedded AWS")


def _check_platform(definition: JobDefinition, queue: JobQueue) -> None:
    if definition.platform not in queue.platforms:
        capability = definition.platform
        raise client_error(
            f"Job Queue is attached to Compute Environment that can not run Jobs with capability {capability}."
        )


def _check_share(parameters: Mapping[str, Any], queue: JobQueue) -> None:
    has_share = bool(parameters.get("shareIdentifier"))
    if has_share and queue.policy is None:
        raise client_error("shareIdentifier must not be specified for a job queue without a scheduling policy")
    if not has_share and queue.policy is not None:
        raise client_error("shareIdentifier must be specified for a job queue with a fair-share scheduling policy")


def _array_size(parameters: Mapping[str, Any]) -> int | None:
    if "arrayProperties" not in parameters:
        return None
    size = (parameters["arrayProperties"] or {}).get("size")
    if size is None:
        return None
    least, most = ARRAY_SIZES
    if not least <= size <= most:
        raise client_error(f"Array size must be between {least} and {most}")
    return int(size)
