/// Where Linux keeps the memory limit of the process, worked out from texts of `/proc/self`.
///
/// A limit may be set on any group above the one the process is in, so all of them are candidates. Handles
/// version 1 (`memory` controller, `memory.limit_in_bytes`) and version 2 (`memory.max`) of cgroups(7), and
/// both mounted at once.
enum CgroupMemory {
    /// The files that may hold a limit, from the group of the process up to the mount point.
    ///
    /// - Parameters:
    ///   - mountInfo: The content of `/proc/self/mountinfo`.
    ///   - membership: The content of `/proc/self/cgroup`.
    /// - Returns: Paths, not all of which need to exist.
    static func limitFiles(mountInfo: String, membership: String) -> [String] {
        let mounts = mountInfo.split(separator: "\n").compactMap { Mount(line: $0) }
        var files: [String] = []
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",")
            let isUnified = fields[0] == "0" && controllers.isEmpty
            guard isUnified || controllers.contains("memory") else { continue }
            let fileName = isUnified ? "memory.max" : "memory.limit_in_bytes"
            guard let mount = mounts.first(where: { isUnified ? $0.isUnified : $0.hasMemoryController })
            else {
                continue
            }
            files += mount.directories(upFrom: fields[2]).map { $0 + "/" + fileName }
        }
        return files
    }

    /// The limit in bytes; `nil` when there is none (`max`, or the huge number version 1 has for that) or the
    /// text is not a limit.
    static func limit(in text: String) -> Int? {
        let digits = text.prefix { !$0.isWhitespace }
        guard let limit = Int(digits), limit > 0, limit < 1 << 60 else { return nil }
        return limit
    }

    /// One line of `/proc/self/mountinfo` (proc(5)).
    private struct Mount {
        let root: String
        let point: String
        let isUnified: Bool
        let hasMemoryController: Bool

        init?(line: Substring) {
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2 else { return nil }
            let front = halves[0].split(separator: " ")
            let back = halves[1].split(separator: " ")
            guard front.count >= 6, back.count >= 3 else { return nil }
            root = Self.unescaped(front[3])
            point = Self.unescaped(front[4])
            isUnified = back[0] == "cgroup2"
            hasMemoryController = back[0] == "cgroup" && back[2].split(separator: ",").contains("memory")
        }

        /// The directories of the group `path` and of those above it, as far as they can be seen here.
        ///
        /// A container may see only a part of the tree; when its group lies outside, the mount point is it.
        func directories(upFrom path: Substring) -> [String] {
            var visible = path
            if root != "/" {
                guard path == root || path.hasPrefix(root + "/") else { return [point] }
                visible = path.dropFirst(root.count)
            }
            let names = visible.split(separator: "/")
            return (0...names.count).reversed().map { depth in
                ([point] + names.prefix(depth).map(String.init)).joined(separator: "/")
            }
        }

        /// Blanks, line ends and backslashes are written as a backslash and three octal digits.
        private static func unescaped(_ text: Substring) -> String {
            var parts = text.split(separator: "\\", omittingEmptySubsequences: false)[...]
            var result = String(parts.removeFirst())
            for part in parts {
                if let code = UInt32(part.prefix(3), radix: 8), let scalar = Unicode.Scalar(code) {
                    result.unicodeScalars.append(scalar)
                    result += part.dropFirst(3)
                } else {
                    result += "\\" + part
                }
            }
            return result
        }
    }
}
