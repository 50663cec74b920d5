<#
.SYNOPSIS
Builds the image with countdown in it by Docker, and pushes it to Amazon ECR.
.DESCRIPTION
The twin of build-and-push.sh. On standard output: the image to register. Needs Docker with buildx (on Docker Desktop: Linux containers), and the
AWS CLI with credentials. Without Docker: batchgauge image push (docs/guides/windows-image.md).

countdown を含むイメージを Docker (buildx) でビルドし、Amazon ECR にプッシュします。Docker がない場合: batchgauge image push
(docs/guides/windows-image.ja.md)。
.PARAMETER Windows
2022 (default) or 2019: the version of Windows Server Core, which has to be that of the job definition.
.PARAMETER Linux
The Linux image instead.
.PARAMETER Repository
Name in ECR; made where it is missing. Default: windows-countdown, or linux-countdown.
.PARAMETER Tag
Default: latest.
.PARAMETER Region
Default: AWS_REGION, AWS_DEFAULT_REGION, the profile, us-west-2.
.PARAMETER DryRun
Show the commands, and run none of those that change something.
.EXAMPLE
.\build-and-push.ps1 -Windows 2019 -Region ap-northeast-1
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [ValidateSet('2022', '2019')]
    [string]$Windows = '2022',
    [switch]$Linux,
    [string]$Repository,
    [string]$Tag = 'latest',
    [string]$Region,
    [switch]$DryRun
)
$here = $PSScriptRoot

# Exit codes and empty answers are looked at below. Whoever calls this with 'Stop' would otherwise see it end where a repository is not there yet: Windows
# PowerShell 5.1 makes errors of what a program says on stderr, 7.4 of exit codes where it is told to. (The second by name: 5.1 has none of the kind.)
$ErrorActionPreference = 'Continue'
$ExecutionContext.SessionState.PSVariable.Set('PSNativeCommandUseErrorActionPreference', $false)

function Stop-Here([string]$English, [string]$Japanese) {
    $message = if ([Globalization.CultureInfo]::CurrentUICulture.Name -like 'ja*') { $Japanese } else { $English }
    [Console]::Error.WriteLine("error: $message")
    exit 2
}

# Whether a command that changes nothing succeeds; what it says is not shown.
function Test-Quietly([scriptblock]$Command) {
    try { & $Command 2>$null | Out-Null } catch { return $false }
    return $LASTEXITCODE -eq 0
}

# Runs a command that changes something, or shows it.
function Invoke-Change([string]$Program, [string[]]$Arguments) {
    if ($DryRun) {
        [Console]::Error.WriteLine("$Program $Arguments")
        return
    }
    & $Program @Arguments | ForEach-Object { [Console]::Error.WriteLine($_) }
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

function Find-Uri {
    $found = & aws ecr describe-repositories --region $Region --repository-names $Repository --query 'repositories[0].repositoryUri' --output text 2>$null
    if ($LASTEXITCODE -eq 0) { return $found }
    return $null
}

if (-not (Test-Quietly { docker buildx version })) {
    Stop-Here 'Docker with buildx was not found; without Docker: batchgauge image push (docs/guides/windows-image.md)' `
        'Docker (buildx) が見つかりません。Docker がない場合: batchgauge image push (docs/guides/windows-image.ja.md)'
}
if (-not (Test-Quietly { aws --version })) { Stop-Here 'the AWS CLI (aws) was not found' 'AWS CLI (aws) が見つかりません' }

$system = if ($Linux) { 'linux' } else { 'windows' }
if (-not $Repository) { $Repository = "$system-countdown" }
$program = if ($Linux) { 'countdown-linux-x86_64' } else { 'countdown.exe' }
$dist = Join-Path $here 'dist'
if (-not (Test-Path (Join-Path $dist $program))) {
    $python = if (Test-Quietly { python --version }) { 'python' } else { 'python3' }
    $scripts = Join-Path (Join-Path (Join-Path $here '..') '..') 'scripts'
    Invoke-Change $python @((Join-Path $scripts 'build-countdown'), $dist)
}

foreach ($candidate in $env:AWS_REGION, $env:AWS_DEFAULT_REGION) { if (-not $Region) { $Region = $candidate } }
if (-not $Region) { $Region = & aws configure get region 2>$null }
if (-not $Region) { $Region = 'us-west-2' }
$uri = Find-Uri
if (-not $uri) {
    Invoke-Change 'aws' @('ecr', 'create-repository', '--region', $Region, '--repository-name', $Repository)
    $uri = if ($DryRun) { "ACCOUNT.dkr.ecr.$Region.amazonaws.com/$Repository" } else { Find-Uri }
}

$registry = ($uri -split '/')[0]
if ($DryRun) {
    [Console]::Error.WriteLine("aws ecr get-login-password --region $Region | docker login --username AWS --password-stdin $registry")
}
else {
    $said = & aws ecr get-login-password --region $Region | & docker login --username AWS --password-stdin $registry
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    [Console]::Error.WriteLine($said)
}
# Docker's own builder keeps images of its own system only; a builder in a container pushes those of any.
if (-not (Test-Quietly { docker buildx inspect batchgauge })) {
    Invoke-Change 'docker' @('buildx', 'create', '--name', 'batchgauge', '--driver', 'docker-container')
}
# Without provenance, one manifest is pushed; with it, a list, whose entries have to be told apart by Windows version.
$common = @('buildx', 'build', '--builder', 'batchgauge', '--provenance=false', '--sbom=false', '--push', '--tag', "${uri}:$Tag")
if ($Linux) {
    Invoke-Change 'docker' ($common + @('--platform', 'linux/amd64', '--file', (Join-Path $here 'Dockerfile.linux'), $here))
}
else {
    Invoke-Change 'docker' ($common + @('--platform', 'windows/amd64', '--build-arg', "WINDOWS_VERSION=ltsc$Windows", '--file',
            (Join-Path $here 'Dockerfile'), $here))
}
"${uri}:$Tag"
