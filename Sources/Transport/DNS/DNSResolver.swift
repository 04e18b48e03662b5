/// Asks DNS servers for records, over UDP, and over TCP where an answer is too long for that.
public struct DNSResolver: Sendable {
    /// Servers that are asked one after another, as addresses.
    public let servers: [ListenAddress]
    /// Domains that are appended to names.
    public let search: [String]
    /// Points that a name has to have to be asked for as it is first.
    public let points: Int
    private static let attempts = 2

    /// - Parameters:
    ///   - servers: addresses, not names.
    ///   - search: domains that are appended to names that do not end with a point.
    ///   - points: how many points a name has to have to be asked for as it is first.
    public init(servers: [ListenAddress], search: [String] = [], points: Int = 1) {
        self.servers = servers
        self.search = search
        self.points = points
    }

    /// Reads the text of a `resolv.conf`: at most three servers and six domains.
    public init(configuration text: String) {
        var (servers, search, points) = ([ListenAddress](), [String](), 1)
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            switch words.first {
            case "nameserver" where words.count > 1: servers.append(.tcp(host: words[1], port: 53))
            case "domain", "search": search = Array(words.dropFirst())
            case "options":
                let option = words.first { $0.hasPrefix("ndots:") }
                if let number = option.flatMap({ Int($0.dropFirst(6)) }) { points = min(max(number, 0), 15) }
            default: break
            }
        }
        if servers.isEmpty { servers = [.tcp(host: "127.0.0.1", port: 53)] }
        self.init(servers: Array(servers.prefix(3)), search: Array(search.prefix(6)), points: points)
    }

    /// Asks for the records of one kind that a name has, and blocks its thread meanwhile: for at most two
    /// attempts at each server for each name, so for 84 seconds with the usual timeout.
    ///
    /// - Parameters:
    ///   - name: a name of the DNS; with a point at its end no domain is appended.
    ///   - kind: what is asked for.
    ///   - timeout: for each question to each server.
    /// - Returns: the records; none when the name has none, or there is no such name.
    /// - Throws: `.connectFailed` when no name has records, and for one of them no server answers, or all of
    ///   them say that something is wrong.
    public func records(
        of name: String, _ kind: DNSRecord.Kind, timeout: Duration = .seconds(2)
    ) throws(TransportError) -> [DNSRecord] {
        var failure: TransportError?
        for name in names(for: name) {
            do throws(TransportError) {
                let records = try ask(name, kind, timeout)
                if !records.isEmpty { return records }
            } catch {
                // The name may still be one in the next domain.
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return []
    }

    /// The names to ask for, one after another, until one is there.
    func names(for name: String) -> [String] {
        if name.hasSuffix(".") { return [name] }
        let longer = search.filter { $0 != "." }.map { "\(name).\($0)" }
        return name.filter { $0 == "." }.count >= points ? [name] + longer : longer + [name]
    }

    private func ask(
        _ name: String, _ kind: DNSRecord.Kind, _ timeout: Duration
    ) throws(TransportError) -> [DNSRecord] {
        var reason = "there is no server to ask"
        for _ in 0..<Self.attempts {
            for server in servers {
                let message = DNSMessage(id: UInt16.random(in: 0 ... .max), kind: kind)
                guard let question = message.question(name) else {
                    throw TransportError(.invalidAddress, "\"\(name)\" is no name that can be looked up")
                }
                let exchange = DNSExchange(question: question, message: message, server: server)
                switch exchange.answer(within: timeout) {
                case .records(let records)?: return records
                case .noName?: return []
                case .truncated?: reason = "the answer of \(server) is cut off"
                case .failure(let failure)?: reason = failure
                case nil: reason = "\(server) does not answer"
                }
            }
        }
        throw TransportError(.connectFailed, "cannot look up \(name): \(reason)")
    }
}
