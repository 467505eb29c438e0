# SPDX-License-Identifier: GPL-2.0-or-later
"""Measuring programs for ./dev bench: processor time (user and system, children included), so that
whoever else uses the machine counts little; variants by turns, so that a slow minute meets all of
them; of each its best round, since what disturbs a program (caches, the other thread of a core) only
makes it slower."""

import resource
import subprocess

REPEATS = 7


def processor_seconds(command):
    """What `command` uses; its output is thrown away. A failure ends the bench."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_turns(commands, repeats=REPEATS):
    """Name -> seconds of each round, from a dict of name -> command. One round before does not count."""
    times = {name: [] for name in commands}
    for name in commands:
        processor_seconds(commands[name])
    for number in range(repeats):
        # Who goes first changes, too.
        for name in list(commands) if number % 2 == 0 else reversed(list(commands)):
            times[name].append(processor_seconds(commands[name]))
    return times


def ratio(times, over, under):
    """Of the best rounds."""
    return min(times[over]) / min(times[under])


def peak_megabytes(command):
    """The largest resident set of `command`."""
    result = subprocess.run(["/usr/bin/python3", "-c",
                             "import resource,subprocess,sys;"
                             "subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,check=True);"
                             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
                             *map(str, command)], capture_output=True, text=True, check=True)
    return int(result.stdout) / 1024


class Verdict:
    """Prints one line per figure; done() is the exit status: 1 when a limit was passed."""

    def __init__(self):
        self.passed = True

    def figure(self, what, value, limit=None, unit=""):
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

    def done(self):
        return 0 if self.passed else 1
