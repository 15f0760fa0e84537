# SPDX-License-Identifier: MIT
"""clock: clocks that jump by years, back and forth, the steady one too, with every call (a preloaded library, compiled here)."""
import shutil
import subprocess

from frame import TINY

ABOUT = "clocks that jump by years, back and forth"
SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
static long jump(void) {  /* within ten years on either side */
  static _Thread_local unsigned state = JUMP_SEED;
  state = state * 1664525u + 1013904223u;
  return (long)(state % 631152000u) - 315576000L;
}
int clock_gettime(clockid_t which, struct timespec* t) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int status = real(which, t);
  t->tv_sec += jump();
  return status;
}
int gettimeofday(struct timeval* restrict t, void* restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  t->tv_sec = now.tv_sec;
  t->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t* t) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (t) *t = now.tv_sec;
  return now.tv_sec;
}
"""


def arguments(parser):
    parser.add_argument("--jumps", type=int, help="studies under such clocks (20; short: 2)")


def run(frame, options):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return frame.table.skip("clock", "there is no C compiler")
    source = frame.work / "clock.c"
    source.write_text(SOURCE)
    _, study, reference, _ = frame.study(TINY, "clock", drawn=False)
    for number in range(options.jumps or (2 if frame.short else 20)):
        library = frame.work / ("clock-%d.so" % number)
        built = subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-DJUMP_SEED=%du" % (number + 1), "-o", str(library),
                                str(source), "-ldl"], stderr=subprocess.PIPE, check=False)
        if built.returncode != 0:
            return frame.table.skip("clock", "the library cannot be compiled (%s)" % built.stderr.decode().strip()[-200:])
        study.begin_anew()
        plain, study.env = study.env, {**study.env, "LD_PRELOAD": str(library)}
        result = study.run()
        study.env = plain
        problems = [] if result.status == 0 else [result.says()]
        frame.table.count("clock", "jumping clocks", problems or study.differences(reference))
