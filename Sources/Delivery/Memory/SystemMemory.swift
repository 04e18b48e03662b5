internal import Glibc
public import Pipeline
internal import Wire

/// What the operating system says about memory.
public enum SystemMemory {
    /// Bytes of this process that are in memory; `nil` when /proc is not there.
    public static var resident: Int? {
        guard let text = try? SmallFile.read("/proc/self/statm").string else { return nil }
        return residentPages(in: text).map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
    }

    /// The second number of `/proc/self/statm` (proc(5)).
    static func residentPages(in statm: String) -> Int? {
        let numbers = statm.split(separator: " ")
        return numbers.count > 1 ? Int(numbers[1]) : nil
    }

    /// Bytes this process may use: the memory of the machine or the limit of its cgroup, whichever is less.
    ///
    /// - Throws: What to do when the system does not say.
    public static func available() throws(ComponentError) -> Int {
        let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        guard machine > 0 else {
            throw ComponentError(
                "cannot find out how much memory the machine has; use limit_mib instead",
                key: "limit_percentage")
        }
        return min(machine, cgroupLimit() ?? machine)
    }

    private static func cgroupLimit() -> Int? {
        guard let mounts = try? SmallFile.read("/proc/self/mountinfo").string,
            let membership = try? SmallFile.read("/proc/self/cgroup").string
        else { return nil }
        return CgroupMemory.limitFiles(mountInfo: mounts, membership: membership)
            .compactMap { try? SmallFile.read($0).string }
            .compactMap { CgroupMemory.limit(in: $0) }
            .min()
    }
}
