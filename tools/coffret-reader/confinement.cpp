// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret-reader/confinement.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <type_traits>

namespace coffret {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Sanitizers reserve terabytes of address space and make calls of their own at exit. Such builds
// test what is read; how it is confined is tested on the release build.
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

// Calls that the library's headers do not name yet; one number on every architecture.
namespace newer {
constexpr int fchmodat2 = 452, setxattrat = 463, removexattrat = 466, file_setattr = 469;
}  // namespace newer

bool limit(int resource, std::uint64_t value) {
  const rlimit both{value, value};
  return ::setrlimit(static_cast<__rlimit_resource>(resource), &both) == 0;
}

using Filter = std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, void (*)(scmp_filter_ctx)>;

Filter make_filter(std::uint32_t otherwise) {
  return {::seccomp_init(otherwise), &::seccomp_release};
}

template <std::size_t N>
bool rule_for(const Filter& filter, std::uint32_t action, const std::array<int, N>& calls) {
  for (const int call : calls)
    if (::seccomp_rule_add(filter.get(), action, call, 0) != 0) return false;
  return true;
}

Result<void> load(const Filter& filter) {
  // seccomp_load sets no_new_privs itself; saying it first keeps it true if that ever changes.
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errc::unsupported;
  if (::seccomp_load(filter.get()) != 0) return errc::unsupported;
  return {};
}

// Landlock has no C library functions before glibc learns them.
int create_ruleset(const landlock_ruleset_attr* rules, std::size_t size, std::uint32_t flags) {
  return static_cast<int>(::syscall(SYS_landlock_create_ruleset, rules, size, flags));
}

// Every right that this kernel's Landlock knows, so that all are withheld. Those that came with
// versions 2, 3 and 5 (refer, truncate, ioctl) may be missing from the header.
std::uint64_t known_rights(int version) {
  std::uint64_t rights = (1ULL << 13) - 1;
  if (version >= 2) rights |= 1ULL << 13;
  if (version >= 3) rights |= 1ULL << 14;
  if (version >= 5) rights |= 1ULL << 15;
  return rights;
}

// What the converters and their loader read. None of it is the person's.
constexpr std::array system_paths = {"/usr/bin/pdftotext",
                                     "/usr/bin/pdftoppm",
                                     "/usr/bin/tesseract",
                                     "/usr/lib",
                                     "/usr/lib64",
                                     "/lib",
                                     "/lib64",
                                     "/etc/ld.so.cache",
                                     "/etc/fonts",
                                     "/usr/share/poppler",
                                     "/usr/share/fonts",
                                     "/usr/share/fontconfig",
                                     "/var/cache/fontconfig",
                                     "/usr/share/tesseract-ocr",
                                     "/usr/share/tessdata"};

bool allow_path(int rules, const char* path) {
  const int at = ::open(path, O_PATH | O_CLOEXEC);
  if (at < 0) return errno == ENOENT;  // what is not there needs no leave
  landlock_path_beneath_attr rule{};
  rule.parent_fd = at;
  rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
  int added = static_cast<int>(
      ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0));
  if (added == 0) {
    // Listing a directory is a right that a file cannot have.
    rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_DIR;
    (void)::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  }
  (void)::close(at);
  return added == 0;
}

Result<void> restrict_files() {
  const int version = create_ruleset(nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return errc::unsupported;
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = known_rights(version);
  const int rules = create_ruleset(&attributes, sizeof attributes.handled_access_fs, 0);
  if (rules < 0) return errc::unsupported;
  bool done = true;
  for (const char* path : system_paths) done = done && allow_path(rules, path);
  done = done && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  (void)::close(rules);
  return done ? Result<void>{} : Result<void>{errc::unsupported};
}

}  // namespace

Result<void> give_up_descriptors_and_limits() {
  if (::syscall(SYS_close_range, 3U, ~0U, 0U) != 0) return errc::unsupported;
  if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, 0) ||
      !limit(RLIMIT_NOFILE, confinement::descriptors) ||
      !limit(RLIMIT_CPU, confinement::cpu_seconds) ||
      (!sanitized && !limit(RLIMIT_AS, confinement::memory)))
    return errc::unsupported;
  return {};
}

Result<void> limit_to_a_picture() {
  if (!limit(RLIMIT_CPU, confinement::picture_cpu_seconds) ||
      (!sanitized && !limit(RLIMIT_DATA, confinement::picture_memory)))
    return errc::unsupported;
  return {};
}

Result<void> confine_to_computation() {
  if (sanitized) {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errc::unsupported;
    return {};
  }
  static constexpr std::array allowed = {SCMP_SYS(read),          SCMP_SYS(write),
                                         SCMP_SYS(exit),          SCMP_SYS(exit_group),
                                         SCMP_SYS(munmap),        SCMP_SYS(mremap),
                                         SCMP_SYS(madvise),       SCMP_SYS(brk),
                                         SCMP_SYS(futex),         SCMP_SYS(rt_sigreturn),
                                         SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday),
                                         SCMP_SYS(getrandom),     SCMP_SYS(restart_syscall)};
  // Asked by libraries that look for converters, locales or time zones, and do without.
  static constexpr std::array refused = {
      SCMP_SYS(open),   SCMP_SYS(openat), SCMP_SYS(access),     SCMP_SYS(faccessat),
      SCMP_SYS(stat),   SCMP_SYS(lstat),  SCMP_SYS(newfstatat), SCMP_SYS(readlink),
      SCMP_SYS(getcwd), SCMP_SYS(getuid), SCMP_SYS(geteuid),    SCMP_SYS(sysinfo)};
  const Filter filter = make_filter(SCMP_ACT_KILL_PROCESS);
  if (filter == nullptr || !rule_for(filter, SCMP_ACT_ALLOW, allowed) ||
      !rule_for(filter, SCMP_ACT_ERRNO(EPERM), refused))
    return errc::unsupported;
  // Memory, but never memory that can be executed.
  if (::seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                         SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) != 0 ||
      ::seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                         SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) != 0)
    return errc::unsupported;
  return load(filter);
}

Result<void> confine_to_system_files() {
  COFFRET_CHECK(restrict_files());
  static constexpr std::array refused = {
      // the network and other processes' sockets
      SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen),
      SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvmsg),
      SCMP_SYS(recvmmsg), SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
      SCMP_SYS(io_uring_register),
      // other processes
      SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(kcmp),
      SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_getfd), SCMP_SYS(pidfd_send_signal), SCMP_SYS(kill),
      SCMP_SYS(tkill), SCMP_SYS(tgkill), SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo),
      SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(setpriority),
      SCMP_SYS(sched_setaffinity), SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_setattr),
      SCMP_SYS(shmget), SCMP_SYS(shmat), SCMP_SYS(shmctl), SCMP_SYS(msgget), SCMP_SYS(semget),
      // what a file's owner may do without opening it
      SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(lchown),
      SCMP_SYS(fchown), SCMP_SYS(fchownat), SCMP_SYS(utime), SCMP_SYS(utimes), SCMP_SYS(utimensat),
      SCMP_SYS(futimesat), SCMP_SYS(setxattr), SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr),
      SCMP_SYS(removexattr), SCMP_SYS(lremovexattr), SCMP_SYS(fremovexattr), newer::fchmodat2,
      newer::setxattrat, newer::removexattrat, newer::file_setattr, SCMP_SYS(chdir),
      SCMP_SYS(chroot), SCMP_SYS(truncate),
      // the kernel's rarer doors
      SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(keyctl),
      SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(mount), SCMP_SYS(umount2),
      SCMP_SYS(pivot_root), SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(memfd_create),
      SCMP_SYS(open_by_handle_at), SCMP_SYS(name_to_handle_at), SCMP_SYS(init_module),
      SCMP_SYS(finit_module), SCMP_SYS(kexec_load), SCMP_SYS(seccomp), SCMP_SYS(reboot)};
  const Filter filter = make_filter(SCMP_ACT_ALLOW);
  if (filter == nullptr || !rule_for(filter, SCMP_ACT_ERRNO(EPERM), refused))
    return errc::unsupported;
  return load(filter);
}

}  // namespace coffret
