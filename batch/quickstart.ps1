<#
.SYNOPSIS
Sets up what is missing, then a short measurement: on AWS with -JobQueue, else on an embedded AWS.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string]$JobQueue,
    [string]$JobDefinition,
    [string]$Region,
    [int]$NumJobs,
    [int]$Countdown,
    [string]$Results,
    [string]$EndpointUrl,
    [string]$Lang,
    [switch]$Help
)
$english = @'
quickstart.ps1 [-JobQueue NAME] [-JobDefinition NAME] [-Region REGION] [-NumJobs N] [-Help]

Sets up what is missing, then makes a short measurement.
Without -JobQueue: a short sweep on an embedded AWS, which needs no account.

  -JobQueue        Name or ARN of the job queue
  -JobDefinition   Name or ARN of the job definition (default: windows-countdown-job)
  -Region          AWS Region (default: AWS_REGION, the profile's, us-west-2)
  -NumJobs         How many jobs to start at once (default: 3; without -JobQueue: 2, 5, 10 and 20, one after the other)
  -Countdown       Seconds that a job counts down (default: 30; without -JobQueue: 5)
  -Results         Folder for the results (default: test-results/quickstart)
  -EndpointUrl     Where AWS is, if not at AWS itself (default: AWS_ENDPOINT_URL)
  -Lang            ja or en (default: the system's language)
  -Help            Show this help
'@
$japanese = @'
quickstart.ps1 [-JobQueue 名前] [-JobDefinition 名前] [-Region リージョン] [-NumJobs 数] [-Help]

必要なものを準備し、短い測定を実行します。
-JobQueue を省略すると、AWS アカウント不要の組み込み AWS で多重度を変えながら測定します。

  -JobQueue        ジョブキューの名前または ARN
  -JobDefinition   ジョブ定義の名前または ARN (既定値: windows-countdown-job)
  -Region          AWS リージョン (既定値: AWS_REGION、プロファイルの設定、us-west-2)
  -NumJobs         同時に起動するジョブ数 (既定値: 3。-JobQueue を省略した場合は 2、5、10、20 の順)
  -Countdown       カウントダウンの秒数 (既定値: 30。-JobQueue を省略した場合は 5)
  -Results         結果を保存するフォルダー (既定値: test-results/quickstart)
  -EndpointUrl     AWS 以外の送信先 (既定値: AWS_ENDPOINT_URL)
  -Lang            表示言語。ja または en (既定値: システムの言語)
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
