public import FleetStore
public import Logging
public import Pipeline
public import Settings

/// One value of the whole fleet that templates use.
public struct FleetValue: Sendable, Hashable {
    /// The largest value, as JSON, in UTF-8 bytes.
    public static let largest = 64 << 10

    public var name: String
    /// Text, a number, true or false, or a list of texts.
    public var value: Tree
    public var description: String
    /// The set of files the value was imported from; empty for one that was not.
    public var source: String

    public init(name: String, value: Tree, description: String = "", source: String = "") {
        self.name = name
        self.value = value
        self.description = description
        self.source = source
    }

    /// What is wrong with a value of this name; it is not quoted.
    static func problem(_ name: String, _ value: Tree) -> String? {
        guard TemplateText.isName(name) else {
            return "is not the name of a variable: letters, digits, _ . and - only, up to 128"
        }
        guard value.json().utf8.count <= largest else { return "has more than \(largest) bytes" }
        let isText = value.list.map { $0.allSatisfy { $0.text != nil } } ?? (value.text != nil)
        guard isText else { return "must be text, a number, true or false, or a list of texts" }
        return nil
    }
}

extension FleetValue: TableRow {
    static var kind: DocumentKind { .value }
    var id: String { name }

    var body: Tree {
        .table(["value": value, "description": .text(description), "source": .text(source)])
    }

    init?(id: String, body: Tree) {
        guard let value = body["value"] else { return nil }
        let fields = DocumentFields(body)
        self.init(
            name: id, value: value, description: fields.text("description") ?? "",
            source: fields.text("source") ?? "")
    }
}

/// The values of the whole fleet; all of them are in memory.
public final class FleetValues: Sendable {
    /// The most values there may be.
    public static let limit = 10_000

    private let rows: NamedRows<FleetValue>

    /// A value and the version of its document, for `ETag`.
    public typealias Versioned = (value: FleetValue, version: Int64)

    private init(_ rows: NamedRows<FleetValue>) { self.rows = rows }

    /// Reads the values of a store.
    public static func open(
        _ store: FleetStore, clock: any PipelineClock, logger: Logger
    ) async throws(StoreError) -> FleetValues {
        FleetValues(try await .open("value", limit: limit, store, clock: clock, logger: logger))
    }

    /// Takes over what other managers change, until the task is cancelled.
    public func follow() async { await rows.follow() }

    /// All values by name.
    public func list() -> [Versioned] { rows.table.all.map { ($0.row, $0.version) } }

    /// A value by its name.
    public func value(_ name: String) -> Versioned? { rows.table[name].map { ($0.row, $0.version) } }

    /// Sets a value.
    ///
    /// - Parameters:
    ///   - value: What it is to be.
    ///   - version: The version that is replaced; 0 for a new one, `nil` for whatever there is.
    /// - Returns: The new version.
    /// - Throws: `LibraryError`.
    @discardableResult
    public func put(_ value: FleetValue, over version: Int64?) async throws(LibraryError) -> Int64 {
        if let problem = FleetValue.problem(value.name, value.value) {
            throw .invalid([
                ConfigurationFinding(rule: "structure", Diagnostic(path: [value.name], problem))
            ])
        }
        return try await rows.put(value, over: version)
    }

    /// Deletes a value; agents keep what they run.
    public func delete(_ name: String, version: Int64?) async throws(LibraryError) {
        try await rows.delete(name, version: version)
    }

    /// Every value by name.
    var values: [String: Tree] {
        Dictionary(rows.table.rows.map { ($0.name, $0.value) }) { first, _ in first }
    }
}
