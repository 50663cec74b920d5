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
[CmdletBinding(PositionalBinding = $false)]
param(
    [string]$JobQueue,
    [string]$JobDefinition,
    [string]$Region,
    [int]$Countdown,
    # Strings: [int[]] would read the text 2,5,10,20 as one number, its commas as thousands separators.
    [string[]]$Levels,
    [double]$Pause,
    [int]$MaxWorkers,
    [double]$MonitorInterval,
    [string]$Results,
    [string]$EndpointUrl,
    [switch]$Local,
    [string]$Lang,
    [switch]$Help
)
if ($Help) {
    @'
run-concurrency-tests.ps1 -JobQueue NAME -JobDefinition NAME [-Region REGION] [-Levels 2,5,10,20] [-Countdown SECONDS]
    [-Pause SECONDS] [-MaxWorkers N] [-MonitorInterval SECONDS] [-Results FOLDER] [-EndpointUrl URL] [-Local] [-Lang ja|en] [-Help]

Measures the levels one after the other, then makes the report and the charts, in .\test-results.
The variables JOB_QUEUE, JOB_DEFINITION and AWS_REGION hold where the parameters are not given.
-Local measures an embedded AWS, which needs no account.
'@
    exit 0
}
. (Join-Path $PSScriptRoot '_project.ps1')
$fromEnvironment = @()
if ($env:JOB_QUEUE) { $fromEnvironment += @('--job-queue', $env:JOB_QUEUE) }
if ($env:JOB_DEFINITION) { $fromEnvironment += @('--job-definition', $env:JOB_DEFINITION) }
# In front: of a flag given twice the last one holds. (AWS_REGION is read by batchgauge itself.)
# --force: the specification's users run this again and again; the files of the time before are kept, in superseded\.
Invoke-Project (@('sweep', '--force') + $fromEnvironment + (ConvertTo-Flags $PSBoundParameters))
exit $LASTEXITCODE
