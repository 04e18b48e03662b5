internal import CMalloc
internal import Delivery
internal import Glibc
internal import Pipeline
internal import Wire

/// How memory is measured; tests measure differently.
struct MemoryProbe: Sendable {
    /// Bytes held by all telemetry of the process.
    var live: @Sendable () -> Int
    /// Bytes of the process that are in memory; `nil` when that is unknown.
    var resident: @Sendable () -> Int?
    /// Gives memory the allocator keeps for later back to the system; may take milliseconds.
    var trim: @Sendable () -> Void
    /// Bytes the process may use: the limit of its cgroup, or what the machine has.
    var total: @Sendable () throws(ComponentError) -> Int

    /// The process this runs in.
    static let process = MemoryProbe(
        live: { LiveMemory.bytes }, resident: { SystemMemory.resident }, trim: { malloc_trim(0) },
        total: { () throws(ComponentError) in try SystemMemory.available() })
}

/// What the operating system says about memory.
enum SystemMemory {
    /// Bytes of this process that are in memory.
    static var resident: Int? {
        guard let text = try? SmallFile.read("/proc/self/statm").string else { return nil }
        return residentPages(in: text).map { $0 * sysconf(Int32(_SC_PAGESIZE)) }
    }

    /// The second number of `/proc/self/statm` (proc(5)).
    static func residentPages(in statm: String) -> Int? {
        let numbers = statm.split(separator: " ")
        return numbers.count > 1 ? Int(numbers[1]) : nil
    }

    /// The memory of the machine or the limit of the cgroup, whichever is less.
    static func available() throws(ComponentError) -> Int {
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
