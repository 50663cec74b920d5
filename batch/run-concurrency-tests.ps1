<#
.SYNOPSIS
Levels 2, 5, 10 and 20 one after the other, then the report and the charts, in .\test-results.
.DESCRIPTION
JOB_QUEUE, JOB_DEFINITION and AWS_REGION from the environment hold where the parameters are not given.
.PARAMETER Levels
The concurrency levels: -Levels 2,5,10,20
.PARAMETER Pause
Seconds of pause between two levels.
.PARAMETER Local
Measure on an embedded AWS, started for this call and ended after it.
#>
param(
    [string]$JobQueue,
    [string]$JobDefinition,
    [string]$Region,
    [int]$Countdown,
    [int[]]$Levels,
    [double]$Pause,
    [int]$MaxWorkers,
    [double]$MonitorInterval,
    [string]$Results,
    [string]$EndpointUrl,
    [switch]$Local,
    [string]$Lang
)
. (Join-Path $PSScriptRoot '_project.ps1')
$fromEnvironment = @()
if ($env:JOB_QUEUE) { $fromEnvironment += @('--job-queue', $env:JOB_QUEUE) }
if ($env:JOB_DEFINITION) { $fromEnvironment += @('--job-definition', $env:JOB_DEFINITION) }
# In front: of a flag given twice the last one holds. (AWS_REGION is read by batchgauge itself.)
# --force: the specification's users run this again and again; the files of the time before are kept, in superseded\.
Invoke-Project (@('sweep', '--force') + $fromEnvironment + (ConvertTo-Flags $PSBoundParameters))
exit $LASTEXITCODE
