<#
.SYNOPSIS
Sets up what is missing, then a short measurement: on AWS with -JobQueue, else on an embedded AWS.
#>
param(
    [string]$JobQueue,
    [string]$JobDefinition,
    [string]$Region,
    [int]$NumJobs,
    [switch]$Help
)
$english = @'
quickstart.ps1 [-JobQueue NAME] [-JobDefinition NAME] [-Region REGION] [-NumJobs N] [-Help]

Sets up what is missing, then makes a short measurement.
Without -JobQueue: a short sweep on an embedded AWS, which needs no account.

  -JobQueue        Name or ARN of the job queue
  -JobDefinition   Name or ARN of the job definition (default: windows-countdown-job)
  -Region          AWS Region (default: AWS_REGION, the profile's, us-west-2)
  -NumJobs         How many jobs to start at once (default: 3)
  -Help            Show this help
'@
$japanese = @'
quickstart.ps1 [-JobQueue 名前] [-JobDefinition 名前] [-Region リージョン] [-NumJobs 数] [-Help]

必要なものを準備し、短い測定を実行します。
-JobQueue を省略すると、AWS アカウント不要の組み込み AWS で多重度を変えながら測定します。

  -JobQueue        ジョブキューの名前または ARN
  -JobDefinition   ジョブ定義の名前または ARN (既定値: windows-countdown-job)
  -Region          AWS リージョン (既定値: AWS_REGION、プロファイルの設定、us-west-2)
  -NumJobs         同時に起動するジョブ数 (既定値: 3)
  -Help            このヘルプを表示
'@
if ($Help) {
    if ([Globalization.CultureInfo]::CurrentUICulture.Name -like 'ja*') { $japanese } else { $english }
    exit 0
}
. (Join-Path $PSScriptRoot '_project.ps1')
Invoke-Project @('install', 'report,local')
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
Invoke-Project (@('quickstart') + (ConvertTo-Flags $PSBoundParameters))
exit $LASTEXITCODE
