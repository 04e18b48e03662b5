internal import ArgumentParser
internal import Glibc
internal import Settings
internal import Transport

/// The options that say which fleet manager a command is about, and who asks.
struct FleetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The manager: host:port or https://host:port. Also: $APUS_FLEET_ADDRESS; else localhost:4321.",
            valueName: "address"))
    var address: String?

    @OptionGroup var credentials: CredentialOptions

    func validate() throws { try credentials.check(place, "--address", of: .fleet) }

    /// Does something with a client; tells what goes wrong and ends the program with its exit code.
    func run(
        _ format: OutputOptions? = nil, _ document: AdminDocument? = nil,
        _ work: (AdminClient) async throws -> Void
    ) async throws {
        let client = try credentials.open(place, of: .fleet)
        try await client.run(format?.output ?? .text, document, work)
    }

    private var place: String? {
        address ?? getenv("APUS_FLEET_ADDRESS").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// The option of everything that changes something.
struct DryRunOption: ParsableArguments {
    @Flag(name: .customLong("dry-run"), help: "Check everything and change nothing.")
    var dryRun = false

    /// As the API understands it.
    var query: [String: String?] { ["dry_run": dryRun ? "true" : nil] }

    /// What stands before a line about a change.
    var prefix: String { dryRun ? "would be done: " : "" }
}

/// How one column of a list is made of an element.
struct FleetColumn {
    let title: String
    var isNumber = false
    let cell: (Tree) -> String

    /// The text of a key.
    init(_ title: String, _ key: String) {
        self.init(title) { $0.shown(key) }
    }

    init(_ title: String, isNumber: Bool = false, _ cell: @escaping (Tree) -> String) {
        self.title = title
        self.isNumber = isNumber
        self.cell = cell
    }

    /// A number under a key.
    static func number(_ title: String, _ key: String) -> FleetColumn {
        FleetColumn(title, isNumber: true) { $0.shown(key) }
    }

    /// A time under a key.
    static func time(_ title: String, _ key: String) -> FleetColumn {
        FleetColumn(title) { PlainText.moment($0.shown(key)) }
    }
}

extension FleetOptions {
    /// Shows a list as a table, or as one document.
    ///
    /// - Parameters:
    ///   - path: The resource.
    ///   - key: What the elements stand under.
    ///   - format: How it is shown.
    ///   - limit: How many elements at most; all without it.
    ///   - columns: The table.
    /// - Throws: The exit code, after telling why.
    func list(
        _ path: AdminPath, of key: String, _ format: OutputOptions, limit: Int? = nil,
        _ columns: [FleetColumn]
    ) async throws {
        try await run(format) { client in
            let (elements, hasMore) = try await client.elements(path, of: key, limit: limit)
            if format.isJSON { return print(Tree.table([key: .list(elements)]).json()) }
            guard !elements.isEmpty else { return print("none") }
            for line in FleetText.table(elements, columns) { print(line) }
            if hasMore { print("… there are more; --limit shows them") }
        }
    }

    /// Shows one resource as lines, or as its document.
    func show(
        _ path: AdminPath, _ format: OutputOptions, _ lines: (Tree) -> [String]
    ) async throws {
        try await run(format) { client in
            let answer = try await client.get(path)
            guard !format.isJSON else { return answer.write() }
            for line in lines(answer.tree) { print(line) }
        }
    }

    /// Asks for a change, and says in a line what came of it.
    func change(
        _ method: String, _ path: AdminPath, _ document: AdminDocument? = nil, _ format: OutputOptions,
        fields: HTTPFields = [:], _ line: (Tree) -> String
    ) async throws {
        try await run(format, document) { client in
            let answer = try await client.send(method, path, document, fields: fields)
            guard !format.isJSON else { return answer.write() }
            print(line(answer.tree))
        }
    }

    /// Puts a resource as it ought to be, over the version that is there now; says what came of it.
    func put(
        _ path: AdminPath, _ document: AdminDocument, _ format: OutputOptions, _ line: (Tree) -> String
    ) async throws {
        try await run(format, document) { client in
            let version = try await client.version(of: path)
            let fields: HTTPFields = version.map { ["if-match": $0] } ?? ["if-none-match": "*"]
            let answer = try await client.send("PUT", path, document, fields: fields)
            guard !format.isJSON else { return answer.write() }
            print(line(answer.tree))
        }
    }

    /// Deletes a resource as it is now.
    func delete(_ path: AdminPath, _ format: OutputOptions, _ line: (Tree) -> String) async throws {
        try await run(format) { client in
            guard let version = try await client.version(of: path) else {
                // The refusal of the API says it best.
                _ = try await client.get(path)
                return
            }
            let answer = try await client.send("DELETE", path, fields: ["if-match": version])
            guard !format.isJSON else { return answer.write() }
            print(line(answer.tree))
        }
    }
}

extension AdminClient {
    /// The `ETag` of a resource; `nil` when there is none.
    func version(of path: AdminPath) async throws(RemoteFailure) -> String? {
        var path = path
        path.query = [:]
        do throws(RemoteFailure) {
            return try await get(path).version
        } catch {
            if case .refused(let answer) = error, answer.status == 404 { return nil }
            throw error
        }
    }

    /// The first elements of a list, page by page, and whether there are more.
    func elements(
        _ path: AdminPath, of key: String, limit: Int?
    ) async throws(RemoteFailure) -> ([Tree], hasMore: Bool) {
        guard let limit else { return (try await list(path, of: key), false) }
        var elements: [Tree] = []
        var path = path
        while elements.count < limit {
            path.query["page_size"] = "\(min(limit - elements.count, 1000))"
            let page = try await get(path).tree
            elements += page.elements(key)
            guard let token = page["next_page_token"]?.text else { return (elements, false) }
            path.query["page_token"] = token
        }
        return (elements, true)
    }
}
