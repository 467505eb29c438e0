# SPDX-License-Identifier: GPL-2.0-or-later
"""Measurements for ./dev bench.

Other load on the machine should not change the results. So the benchmarks measure processor time (user and
system, with children), run the compared programs in turns, and use the best round of each: disturbances
only make a program slower."""

import resource
import subprocess

REPEATS = 7


def processor_seconds(command):
    """Returns the processor time of a command and discards its output. A failure ends the benchmark."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run_in_turns(commands, repeats=REPEATS):
    """Runs a dict of name -> command; returns name -> seconds of each round, after one round to warm up."""
    times = {name: [] for name in commands}
    for name in commands:
        processor_seconds(commands[name])
    for number in range(repeats):
        # The order alternates.
        for name in list(commands) if number % 2 == 0 else reversed(list(commands)):
            times[name].append(processor_seconds(commands[name]))
    return times


def ratio(times, over, under):
    """The ratio of the best rounds."""
    return min(times[over]) / min(times[under])


def peak_megabytes(command):
    """Returns the largest resident set of a command."""
    result = subprocess.run(["/usr/bin/python3", "-c",
                             "import resource,subprocess,sys;"
                             "subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,check=True);"
                             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
                             *map(str, command)], capture_output=True, text=True, check=True)
    return int(result.stdout) / 1024


class Results:
    """Prints a line for each result; exit_status() is 1 if a limit is not met."""

    def __init__(self):
        self.passed = True

    def add(self, what, value, limit=None, unit=""):
        text = f"{what:<74} {value:8.3f}{unit}"
        if limit is not None:
            good = value <= limit
            self.passed &= good
            text += f"  at most {limit}: {'ok' if good else 'NOT MET'}"
        print(text, flush=True)

    def at_least(self, what, value, limit):
        good = value >= limit
        self.passed &= good
        print(f"{what:<74} {value:8.3f}  at least {limit}: {'ok' if good else 'NOT MET'}", flush=True)

    def exit_status(self):
        return 0 if self.passed else 1
