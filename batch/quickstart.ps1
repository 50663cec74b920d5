<#
.SYNOPSIS
Sets up what is missing, then a short measurement: on AWS with -JobQueue, else on an embedded AWS.
.DESCRIPTION
Without -JobQueue: levels 2, 5, 10 and 20 on an embedded AWS, which needs no account.
The results are in test-results\quickstart.
.PARAMETER JobQueue
Name or ARN of the job queue.
.PARAMETER JobDefinition
Name, name:revision or ARN of the job definition.
.PARAMETER NumJobs
How many jobs to start at once; without it 3 on AWS, and 2, 5, 10, 20 one after the other on the
embedded AWS.
.PARAMETER Countdown
How many seconds countdown.exe runs; without it 30 on AWS, 5 on the embedded AWS.
.PARAMETER Results
Folder for results.  [default: test-results/quickstart]
.PARAMETER Yes
Start without asking.
.PARAMETER Lang
Language of what is printed; without it the locale's.
.PARAMETER Region
AWS Region; without it AWS_REGION, AWS_DEFAULT_REGION or the profile's.  [default: (us-west-2)]
.PARAMETER Profile
Profile of the AWS configuration.
.PARAMETER EndpointUrl
Send every AWS call to this address; without it AWS_ENDPOINT_URL.
.PARAMETER Help
Show this help.
.EXAMPLE
.\quickstart.ps1

Measure the embedded AWS.
.EXAMPLE
.\quickstart.ps1 -JobQueue YOUR_QUEUE -NumJobs 3

Check AWS, then run three jobs there.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string]$JobQueue,
    [string]$JobDefinition,
    [string]$NumJobs,
    [string]$Countdown,
    [string]$Results,
    [switch]$Yes,
    [string]$Lang,
    [string]$Region,
    [string]$Profile,
    [string]$EndpointUrl,
    [switch]$Help
)
# Help and parameters are written by scripts/powershell-help.
$japanese = @'
quickstart.ps1 [-JobQueue 名前] [-JobDefinition 名前] [-Region リージョン] [-NumJobs 数] [-Help]

必要なものを準備し、短い測定を実行します。
-JobQueue を省略すると、AWS アカウント不要の組み込み AWS で多重度を変えながら測定します。

  -JobQueue        ジョブキューの名前または ARN
  -JobDefinition   ジョブ定義の名前または ARN (既定値: windows-countdown-job)
  -Region          AWS リージョン (既定値: AWS_REGION、プロファイルの設定、us-west-2)
  -Profile         AWS の設定ファイルのプロファイル
  -NumJobs         同時に起動するジョブ数 (既定値: 3。-JobQueue を省略した場合は 2、5、10、20 の順)
  -Countdown       カウントダウンの秒数 (既定値: 30。-JobQueue を省略した場合は 5)
  -Results         結果を保存するフォルダー (既定値: test-results/quickstart)
  -EndpointUrl     AWS 以外の送信先 (既定値: AWS_ENDPOINT_URL)
  -Yes             確認せずに実行
  -Lang            表示言語。ja または en (既定値: システムの言語)
  -Help            このヘルプを表示

英語の詳しいヘルプ: Get-Help .\quickstart.ps1 -Full
'@
if ($Help) {
    $said = @($Lang, $env:BATCHGAUGE_LANG, [Globalization.CultureInfo]::CurrentUICulture.Name) | Where-Object { $_ }
    if (@($said)[0] -like 'ja*') { $japanese } else { Get-Help $PSCommandPath -Detailed }
    exit 0
}
. (Join-Path $PSScriptRoot '_project.ps1')
Invoke-Project @('install', 'report,local')
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
Invoke-Project (@('quickstart') + (ConvertTo-Flags $PSBoundParameters))
exit $LASTEXITCODE
