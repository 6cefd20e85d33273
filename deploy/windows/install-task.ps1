<#
.SYNOPSIS
  Starts Ronda with Windows, as a task that runs without anybody signed in.
.DESCRIPTION
  Run in PowerShell as Administrator, from the folder of the checkout, after the steps of
  docs/install.md. The task runs as SYSTEM because Windows lets only administrators open raw ICMP
  sockets. Remove it again with: Unregister-ScheduledTask -TaskName Ronda
#>
param(
    [string] $Program = (Join-Path $PWD '.venv\Scripts\ronda.exe'),
    [string] $Data = (Join-Path $env:ProgramData 'Ronda')
)
$ErrorActionPreference = 'Stop'

if (-not (Test-Path $Program)) { throw "There is no $Program; install first (docs/install.md)." }
New-Item -ItemType Directory -Force -Path $Data | Out-Null
# Only administrators and the system may read keys, backups and customers' names.
icacls $Data /inheritance:r /grant 'SYSTEM:(OI)(CI)F' 'BUILTIN\Administrators:(OI)(CI)F' | Out-Null

# Settings come from the .env file in the folder where the program starts.
$settings = Join-Path $Data '.env'
if (-not (Test-Path $settings)) { Set-Content -Path $settings -Value "RONDA_DATA=$($Data -replace '\\', '/')" }

$action = New-ScheduledTaskAction -Execute $Program -Argument 'run' -WorkingDirectory $Data
$trigger = New-ScheduledTaskTrigger -AtStartup
$options = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) `
    -ExecutionTimeLimit (New-TimeSpan -Days 0) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
Register-ScheduledTask -TaskName 'Ronda' -Action $action -Trigger $trigger -Settings $options `
    -User 'SYSTEM' -RunLevel Highest -Force | Out-Null
Start-ScheduledTask -TaskName 'Ronda'
Write-Output "Ronda runs. Its folder is $Data; make the owner's link there: & '$Program' user setup"
