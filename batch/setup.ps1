<#
.SYNOPSIS
Makes the virtual environment .venv with batchgauge in it, and says whether AWS can be reached. May be run again.
#>
[CmdletBinding(PositionalBinding = $false)]
param()
. (Join-Path $PSScriptRoot '_project.ps1')
Invoke-Project @('setup')
exit $LASTEXITCODE
