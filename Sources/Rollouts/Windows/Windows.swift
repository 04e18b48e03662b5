public import Settings

/// When agents may be changed: always, or in any of several windows.
public struct Windows: Sendable, Hashable {
    /// The most windows of one rollout.
    public static let maximumCount = 20

    private let windows: [MaintenanceWindow]

    /// Always.
    public init() { windows = [] }

    init(_ texts: [String], zone: (String) -> ZoneFile? = { ZoneFile(named: $0) }) throws(WindowError) {
        guard texts.count <= Self.maximumCount else {
            throw WindowError("has more than \(Self.maximumCount) windows")
        }
        windows = try texts.map { text throws(WindowError) in try MaintenanceWindow(parsing: text, zone: zone)
        }
    }

    /// Whether agents may be changed now.
    ///
    /// - Parameter moment: Nanoseconds since 1970-01-01T00:00:00Z.
    /// - Returns: Whether any window is open.
    public func areOpen(at moment: UInt64) -> Bool {
        windows.isEmpty || isOpen(Int64(moment / 1_000_000_000))
    }

    /// When agents may be changed next: the first whole minute after `moment` of an open window, in
    /// nanoseconds since 1970; `nil` when none opens within eight days.
    public func nextOpening(after moment: UInt64) -> UInt64? {
        var minute = Int64(moment / 60_000_000_000) + 1
        for _ in 0..<(8 * 24 * 60) {
            if isOpen(minute * 60) { return UInt64(minute) * 60_000_000_000 }
            minute += 1
        }
        return nil
    }

    /// The windows as they were written, for people.
    public var texts: [String] { windows.map(\.text) }

    private func isOpen(_ moment: Int64) -> Bool { windows.contains { $0.contains(moment) } }
}

extension Windows: SettingValue {
    public static var kind: String { "a window such as Mon-Thu 08:00-16:00 Europe/Berlin, or a list of them" }
    public static var schema: Tree {
        .table(["oneOf": .list([.table(["type": .text("string")]), [String].schema])])
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        let texts = tree.list.map { $0.compactMap(\.text) } ?? tree.text.map { [$0] }
        guard let texts, texts.count == tree.list?.count ?? 1 else {
            reader.mismatch(tree, expected: kind)
            return nil
        }
        do {
            return try Self(texts)
        } catch {
            reader.error("\(error)", at: tree.position)
            return nil
        }
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? {
        windows.isEmpty ? nil : texts.count == 1 ? .text(texts[0]) : .list(texts.map { .text($0) })
    }
}
