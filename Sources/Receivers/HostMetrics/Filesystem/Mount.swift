/// A line of `/proc/PID/mountinfo` (proc_pid_mountinfo(5)).
struct Mount: Sendable, Hashable {
    var device: String
    let point: String
    let type: String
    /// `rw`, `ro` or `unknown`.
    var mode: String
    /// The same of the whole file system, wherever it is mounted.
    let wholeMode: String
    /// The number of the device, such as `8:1`.
    let number: String
    /// The directory of the file system that is mounted; `/` where that is the whole.
    let directory: String

    /// The file systems that are mounted, as the first process sees them, or else as the own one does.
    ///
    /// Those without a device are left out unless they are wanted.
    static func read(_ files: HostFiles, includesVirtual: Bool) throws(HostReadError) -> [Mount] {
        // What covers another file system does so even where it is not shown.
        var mounts: [Mount]
        if let first = try? files.read("/proc/1/mountinfo") {
            mounts = visible(all(in: first))
        } else {
            mounts = asOfHost(visible(all(in: try files.read("/proc/self/mountinfo"))))
        }
        if !includesVirtual {
            let types = physicalTypes(in: try files.read("/proc/filesystems"))
            mounts = mounts.filter { $0.device != "none" && types.contains($0.type) }
        }
        return mounts.map { $0.named(files) }
    }

    /// Without those that a later one covers, in the order of the first.
    private static func visible(_ mounts: [Mount]) -> [Mount] {
        var places: [String: Int] = [:]
        var result: [Mount] = []
        for mount in mounts {
            if let place = places[mount.point] {
                result[place] = mount
            } else {
                places[mount.point] = result.count
                result.append(mount)
            }
        }
        return result
    }

    /// The mounts of the collector without what a service manager makes of them to protect the host: parts of
    /// a file system that are mounted where they are below it, and file systems that are read-only here.
    private static func asOfHost(_ mounts: [Mount]) -> [Mount] {
        let byPoint = Dictionary(mounts.map { ($0.point, $0) }) { first, _ in first }
        return mounts.filter { mount in
            guard mount.point != "/", mount.directory != "/" else { return true }
            var above = mount.point[...]
            while let slash = above.lastIndex(of: "/") {
                above = above[..<slash]
                guard let outer = byPoint[above.isEmpty ? "/" : String(above)] else { continue }
                let isPart = outer.directory == "/" || mount.directory.hasPrefix(outer.directory + "/")
                return outer.number != mount.number || !isPart
            }
            return true
        }.map { mount in
            var mount = mount
            mount.mode = mount.wholeMode
            return mount
        }
    }

    /// Whether it is on another machine, or behind a process that may be gone.
    var isRemote: Bool { server != nil }

    /// What others hang with when this one does: the server, or the device.
    var source: String { server ?? device }

    /// Types whose devices do not look like a server.
    private static let typesOfServers: Set<String> = ["afs", "autofs", "ceph", "fuse"]

    private var server: String? {
        if type.hasPrefix("fuse.") || Self.typesOfServers.contains(type) { return device }
        if device.hasPrefix("//") {
            return device.dropFirst(2).split(separator: "/").first.map { String($0) }
        }
        guard type != "zfs", !device.hasPrefix("/"), let colon = device.firstIndex(of: ":") else {
            return nil
        }
        // The address of a server may have colons, before that of its path.
        let parts = device.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].hasSuffix(":")
            ? String(parts[0].dropLast()) : String(device[..<colon])
    }

    /// Whether an answer is about this file system and not about another that hides it from the collector.
    ///
    /// The numbers of some types, those without a device of their own, are not the same everywhere.
    func isMeant(by usage: FilesystemUsage) -> Bool {
        usage.device.isEmpty || number.hasPrefix("0:") || usage.device == number
    }

    static func all(in text: KernelText) -> [Mount] { text.lines.compactMap { Mount($0) } }

    /// The types of file systems that are on a device.
    static func physicalTypes(in text: KernelText) -> Set<String> {
        let types = text.lines.compactMap { line -> String? in
            let words = line.words
            if words.count == 1 { return words[0].text }
            // It has devices of its own, which the kernel does not know of.
            return words.count == 2 && words[1].text == "zfs" ? "zfs" : nil
        }
        return Set(types)
    }

    init?(_ line: KernelText.Part) {
        let words = line.split(separator: 0x20)
        // Optional fields end with a dash.
        guard words.count >= 10, let dash = words.dropFirst(6).firstIndex(of: [0x2D]), dash + 2 < words.count
        else { return nil }
        number = words[2].text
        point = words[4].unescaped
        directory = words[3].unescaped
        mode = words[5].mode
        wholeMode = dash + 3 < words.count ? words[dash + 3].mode : mode
        type = words[dash + 1].unescaped
        device = words[dash + 2].unescaped
    }

    /// The same with the name of the device that the kernel uses, where another one is written.
    private func named(_ files: HostFiles) -> Mount {
        var mount = self
        if device == "/dev/root", let link = try? files.target(ofLink: "/sys/dev/block/\(number)"),
            let name = link.split(separator: "/").last
        {
            mount.device = "/dev/\(name)"
        } else if device.hasPrefix("/dev/mapper/"), let link = try? files.target(ofLink: device),
            let name = link.split(separator: "/").last
        {
            mount.device = "/dev/\(name)"
        }
        return mount
    }

    /// Where the mount point is for the collector.
    ///
    /// The mounts of the collector itself may be listed, and are below the root already.
    func place(_ files: HostFiles) -> String {
        let isBelow = point == files.root || point.hasPrefix(files.root + "/")
        return files.isForeign && isBelow ? point : files.place(point)
    }
}

extension ArraySlice<UInt8> {
    /// Whether one may write, as options say it.
    fileprivate var mode: String {
        let options = split(separator: 0x2C).map { $0.text }
        return options.contains("rw") ? "rw" : options.contains("ro") ? "ro" : "unknown"
    }

    /// The text; blanks, line ends and backslashes are written as a backslash and three octal digits.
    fileprivate var unescaped: String {
        guard contains(0x5C) else { return text }
        var result: [UInt8] = []
        var rest = self
        while let byte = rest.popFirst() {
            if byte == 0x5C, rest.count >= 3, let code = UInt8(rest.prefix(3).text, radix: 8) {
                result.append(code)
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return result[...].text
    }
}
