# Dot-sourced by the scripts beside it. Invoke-Project becomes `_project.py ...`, by whatever Python 3 this machine has.

# PowerShell 7.4 can be told to make an error of any exit code but 0; here exit codes are answers. (Set as a variable of this script's
# scope by name: Windows PowerShell 5.1 has none of the kind.)
$ExecutionContext.SessionState.PSVariable.Set('PSNativeCommandUseErrorActionPreference', $false)

function Find-Python {
    foreach ($candidate in 'python', 'python3', 'py') {
        try {
            # Tried, not looked up: on Windows a name may be nothing but the way to a shop.
            & $candidate -c 'import sys; sys.exit(sys.version_info < (3, 6))' 2>$null | Out-Null
            if ($LASTEXITCODE -eq 0) { return $candidate }
        }
        catch { continue }
    }
    return $null
}

function Invoke-Project([string[]]$Arguments) {
    $python = Find-Python
    if ($null -eq $python) {
        [Console]::Error.WriteLine('error: Python 3 was not found on PATH')
        [Console]::Error.WriteLine('hint: install Python 3.11 or newer (https://www.python.org/downloads/)')
        exit 2
    }
    $passing = $ExecutionContext.SessionState.PSVariable.GetValue('PSNativeCommandArgumentPassing', '')
    $major = $PSVersionTable.PSVersion.Major
    $passed = @($Arguments | ForEach-Object { ConvertTo-NativeArgument $_ $passing $major })
    & $python (Join-Path $PSScriptRoot '_project.py') @passed
}

# How an argument has to be written so that it arrives as it is. From 7.3 on that is PowerShell's own affair. Before, and where 'Legacy' is
# asked for, it sets an argument with spaces between quotes but leaves quotes in it alone; Windows PowerShell 5.1 its last backslash too.
function ConvertTo-NativeArgument([string]$Argument, [string]$Passing, [int]$Major) {
    if ($Passing -ne '' -and $Passing -ne 'Legacy') { return $Argument }
    $escaped = $Argument -replace '(\\*)"', '$1$1\"'
    if ($Major -lt 6 -and $escaped -match '\s') { $escaped = $escaped -replace '(\\+)$', '$1$1' }
    return $escaped
}

# -JobQueue x -Levels 2,5 -Threshold a,b -Force becomes --job-queue=x --levels=2,5 --threshold=a --threshold=b --force.
# One element each: an empty value would be lost on Windows PowerShell 5.1, and one that begins with a dash be taken for a flag.
function ConvertTo-Flags($Parameters, [string[]]$Joined = @('Levels')) {
    $flags = @()
    foreach ($name in $Parameters.Keys) {
        if ([System.Management.Automation.PSCmdlet]::CommonParameters -contains $name) { continue }
        $value = $Parameters[$name]
        $flag = '--' + ($name -creplace '(?<!^)([A-Z])', '-$1').ToLowerInvariant()
        if ($value -is [switch]) {
            if ($value.IsPresent) { $flags += $flag }
        }
        elseif ($Joined -contains $name) {
            $flags += "$flag=" + ($value -join ',')
        }
        else {
            foreach ($element in @($value)) { $flags += "$flag=$element" }
        }
    }
    return , $flags
}
