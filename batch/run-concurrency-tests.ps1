<#
.SYNOPSIS
Levels 2, 5, 10 and 20 one after the other, then the report and the charts, in .\test-results.
.DESCRIPTION
JOB_QUEUE, JOB_DEFINITION and AWS_REGION from the environment hold where the parameters are not given.
The files of an earlier measurement are kept, in superseded\.
Exit codes: 0 done, 1 an error, 2 wrong usage, 3 jobs failed, 4 a threshold was not met, 5 deadline reached, 130 interrupted.
.PARAMETER Scenario
A scenario file (YAML) that stands in for flags; flags given as well are stronger. batchgauge init
writes one.
.PARAMETER JobQueue
Name or ARN of the job queue.
.PARAMETER JobDefinition
Name, name:revision or ARN of the job definition.
.PARAMETER Levels
The concurrency levels, separated by commas; or auto: the level is raised until a limit shows, and
then narrowed down (auto:2,5,10 begins with these).  [default: 2,5,10,20]
.PARAMETER LargestLevel
With --levels auto: go no further than this level. Without it: twice as many jobs as maxvCpus hold,
and at most 1,000.
.PARAMETER Repeats
How often each level is measured: all levels in turn, then all again.  [default: 1]
.PARAMETER WarmUp
Runs at the first level before everything else (of each variant); kept, marked, and left out of the
analysis.
.PARAMETER Order
The order of the levels: as given, or random anew in each round of --repeats, so that what drifts
over time is not taken for a level's doing.  [default: given]
.PARAMETER Seed
With --order random: the seed that brings the same order about again. Without it, one is drawn and
recorded.
.PARAMETER Variant
Measure all levels with another queue, job definition or size too, such as
"large:vcpus=4,memory=8192" or "ec2:queue=ec2-queue,definition=my-job"; may be repeated, each with a
name of its own. A name alone is the job as it is; nothing but these variants is measured.
.PARAMETER Pause
Seconds of pause between two levels.  [default: 30.0]
.PARAMETER Force
Write over the results of an earlier sweep.
.PARAMETER Countdown
How many seconds countdown.exe runs.  [default: 30]
.PARAMETER Parameter
A parameter of the job definition; repeatable.
.PARAMETER Command
Run this instead of the job definition's command: words, or a JSON array of strings.
.PARAMETER Environment
An environment variable of the jobs; repeatable.
.PARAMETER Vcpus
vCPUs a job, instead of the job definition's.
.PARAMETER Memory
Memory a job in MiB, instead of the job definition's.
.PARAMETER Load
When submissions go out: workers, burst, rate:R, ramp:R1..R2/T or poisson:R (R a second, T seconds).
[default: workers]
.PARAMETER MaxWorkers
How many submissions may be in flight at once (with --load workers).  [default: 10]
.PARAMETER Array
Submit the jobs as array jobs of up to 10,000.
.PARAMETER MonitorInterval
Seconds between two looks at the jobs, kept exactly. Without it: at most 10 (with --local scaled by
--time-scale), fewer where that costs little, more where --api-budget would not hold.
.PARAMETER ApiBudget
Share of AWS's 50 calls a second that watching may take.  [default: 0.2]
.PARAMETER Deadline
How long all of it may take, such as 90s, 30m or 2h; jobs that have not ended then are left running
and named, exit code 5.
.PARAMETER Threshold
What must hold, such as "p95(queue_s) < 60", "success_rate >= 99%" or "max_concurrency >= 16"; may
be repeated. Exit code 4 where one does not hold.
.PARAMETER AbortOnBreach
End the run, and its jobs, once a threshold can no longer be met.
.PARAMETER AbortGrace
How long the run still goes on after that, such as 30s.  [default: 10s]
.PARAMETER Region
AWS Region; without it AWS_REGION, AWS_DEFAULT_REGION or the profile's.  [default: (us-west-2)]
.PARAMETER Profile
Profile of the AWS configuration.
.PARAMETER EndpointUrl
Send every AWS call to this address; without it AWS_ENDPOINT_URL.
.PARAMETER Local
Measure on an embedded AWS, started for this call and ended after it.
.PARAMETER TimeScale
Embedded AWS: how long provisioning, image pull and start-up take, relative to real AWS (1).
[default: 0.05]
.PARAMETER MaxVcpus
Embedded AWS: maxvCpus of the compute environment.  [default: 16]
.PARAMETER Events
Follow the jobs by AWS's events: an EventBridge rule and an SQS queue are made for the run and taken
away after it. The jobs are still looked at once a minute.
.PARAMETER EventsQueue
Follow the jobs by the events in this SQS queue, which a rule of yours fills. Only messages about
this run's jobs are deleted.
.PARAMETER NoTasks
Do not describe the jobs' ECS tasks: no split of the start-up time.
.PARAMETER ContainerInsights
After the run, read from CloudWatch Container Insights how much CPU and memory was used.
.PARAMETER OnInterrupt
What becomes of the run's jobs on Ctrl-C or SIGTERM: they are ended, or left running. Without it you
are asked; where nobody can be asked they are ended.
.PARAMETER DryRun
Print the plan (jobs, calls, duration, cost, room in the queue) and start nothing.
.PARAMETER MaxCost
Refuse to start what may cost more than this; with --levels auto, stop before.
.PARAMETER MaxJobs
Refuse to start more jobs than this, all levels together; with --levels auto, stop before.
.PARAMETER AssumedRun
How long a job is taken to run in the plan (90s, 5m); without it its countdown.
.PARAMETER BillingMinimum
The least time that each task is billed for; without it the price table's (60s on Linux, 5m, not
verified, on Windows).
.PARAMETER SharedQueue
Whether to ask before starting beside jobs of others in the queue.  [default: ask]
.PARAMETER NoCheck
Start without looking first at what would make every job fail.
.PARAMETER Yes
Start without asking.
.PARAMETER Results
Folder for results.  [default: test-results]
.PARAMETER NoLogs
Do not read the jobs' logs after the run.
.PARAMETER Redact
Take account, queue, definition, job and host names, reasons and the like out of documents and
reports; the journal keeps them.
.PARAMETER Json
Print the result as JSON instead of a table.
.PARAMETER Quiet
Print nothing but errors and what --json asks for.
.PARAMETER Lang
Language of what is printed; without it the locale's.
.PARAMETER Help
Show this help.
.EXAMPLE
.\run-concurrency-tests.ps1 -JobQueue YOUR_QUEUE -JobDefinition windows-countdown-job

The four levels.
.EXAMPLE
.\run-concurrency-tests.ps1 -Local -Levels 2,5 -Countdown 5 -Pause 1

Two levels on an embedded AWS.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string]$Scenario,
    [string]$JobQueue,
    [string]$JobDefinition,
    [string[]]$Levels,
    [string]$LargestLevel,
    [string]$Repeats,
    [string]$WarmUp,
    [string]$Order,
    [string]$Seed,
    [string[]]$Variant,
    [string]$Pause,
    [switch]$Force,
    [string]$Countdown,
    [string[]]$Parameter,
    [string]$Command,
    [string[]]$Environment,
    [string]$Vcpus,
    [string]$Memory,
    [string]$Load,
    [string]$MaxWorkers,
    [switch]$Array,
    [string]$MonitorInterval,
    [string]$ApiBudget,
    [string]$Deadline,
    [string[]]$Threshold,
    [switch]$AbortOnBreach,
    [string]$AbortGrace,
    [string]$Region,
    [string]$Profile,
    [string]$EndpointUrl,
    [switch]$Local,
    [string]$TimeScale,
    [string]$MaxVcpus,
    [switch]$Events,
    [string]$EventsQueue,
    [switch]$NoTasks,
    [switch]$ContainerInsights,
    [string]$OnInterrupt,
    [switch]$DryRun,
    [string]$MaxCost,
    [string]$MaxJobs,
    [string]$AssumedRun,
    [string]$BillingMinimum,
    [string]$SharedQueue,
    [switch]$NoCheck,
    [switch]$Yes,
    [string]$Results,
    [switch]$NoLogs,
    [switch]$Redact,
    [switch]$Json,
    [switch]$Quiet,
    [string]$Lang,
    [switch]$Help
)
# Help and parameters are written by scripts/powershell-help.
if ($Help) {
    Get-Help $PSCommandPath -Detailed
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
