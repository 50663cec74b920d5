<#
.SYNOPSIS
Registers job-definitions/windows-countdown-job.json, its gaps filled with what the account holds.
.PARAMETER DryRun
Print what would be registered, and register nothing.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string]$Name,
    [string]$Image,
    [string]$ExecutionRole,
    [string]$JobRole,
    [string]$LogGroup,
    [string]$Region,
    [string]$EndpointUrl,
    [switch]$DryRun
)
. (Join-Path $PSScriptRoot '_project.ps1')
$template = Join-Path (Join-Path $PSScriptRoot 'job-definitions') 'windows-countdown-job.json'
Invoke-Project (@('job-definition', 'register', '--file', $template) + (ConvertTo-Flags $PSBoundParameters))
exit $LASTEXITCODE
