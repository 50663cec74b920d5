# Dot-sourced by the scripts beside it. Invoke-Project becomes `_project.py ...`, by whatever Python 3 this machine has.

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
    & $python (Join-Path $PSScriptRoot '_project.py') @Arguments
}

# -JobQueue x -Levels 2,5 -Force becomes --job-queue x --levels 2,5 --force.
function ConvertTo-Flags($Parameters) {
    $flags = @()
    foreach ($name in $Parameters.Keys) {
        $value = $Parameters[$name]
        $flag = '--' + ($name -creplace '(?<!^)([A-Z])', '-$1').ToLowerInvariant()
        if ($value -is [switch]) {
            if ($value.IsPresent) { $flags += $flag }
        }
        elseif ("$value" -ne '') {
            $flags += $flag
            $flags += ($value -join ',')
        }
    }
    return , $flags
}
