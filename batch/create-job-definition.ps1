<#
.SYNOPSIS
Registers job-definitions\windows-countdown-job.json, its gaps filled with what the account holds.
.DESCRIPTION
Account, Region, image, roles and log group are found, or named by the parameters.
.PARAMETER Name
Name of the job definition.  [default: (windows-countdown-job)]
.PARAMETER File
Job definition file to start from.
.PARAMETER Image
Container image; without it, one found in ECR.
.PARAMETER ExecutionRole
Name or ARN of the execution role.  [default: (BatchExecutionRole)]
.PARAMETER JobRole
Name or ARN of the job role.  [default: (BatchJobRole)]
.PARAMETER LogGroup
CloudWatch Logs group for the jobs' output.  [default: (/aws/batch/windows-jobs)]
.PARAMETER Region
AWS Region; without it AWS_REGION, AWS_DEFAULT_REGION or the profile's.  [default: (us-west-2)]
.PARAMETER Profile
Profile of the AWS configuration.
.PARAMETER EndpointUrl
Send every AWS call to this address; without it AWS_ENDPOINT_URL.
.PARAMETER DryRun
Print what would be registered, and register nothing.
.PARAMETER Json
Print what was registered as JSON.
.PARAMETER Lang
Language of what is printed; without it the locale's.
.PARAMETER Help
Show this help.
.EXAMPLE
.\create-job-definition.ps1 -DryRun

Show what would be registered, and register nothing.
.EXAMPLE
.\create-job-definition.ps1 -Name my-app -Image 123456789012.dkr.ecr.us-west-2.amazonaws.com/my-app:1

Under another name, with an image of your own.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string]$Name,
    [string]$File,
    [string]$Image,
    [string]$ExecutionRole,
    [string]$JobRole,
    [string]$LogGroup,
    [string]$Region,
    [string]$Profile,
    [string]$EndpointUrl,
    [switch]$DryRun,
    [switch]$Json,
    [string]$Lang,
    [switch]$Help
)
# Help and parameters are written by scripts/powershell-help.
if ($Help) {
    Get-Help $PSCommandPath -Detailed
    exit 0
}
. (Join-Path $PSScriptRoot '_project.ps1')
$template = Join-Path (Join-Path $PSScriptRoot 'job-definitions') 'windows-countdown-job.json'
# In front: of a flag given twice the last one holds.
Invoke-Project (@('job-definition', 'register', '--file', $template) + (ConvertTo-Flags $PSBoundParameters))
exit $LASTEXITCODE
