<#
.SYNOPSIS
Makes the virtual environment .venv with batchgauge in it, and says whether AWS can be reached.
.DESCRIPTION
May be run again: it installs only what has changed. Exit code 0, or 1 where something cannot be installed.
.PARAMETER Help
Show this help.
.EXAMPLE
.\setup.ps1

Set up, once.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [switch]$Help
)
# Help and parameters are written by scripts/powershell-help.
if ($Help) {
    Get-Help $PSCommandPath -Detailed
    exit 0
}
. (Join-Path $PSScriptRoot '_project.ps1')
Invoke-Project @('setup')
exit $LASTEXITCODE
