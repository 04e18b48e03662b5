internal import Glibc
internal import NIOPosix

/// Asks DNS servers for records, over UDP.
///
/// A question costs one thread, for at most `attempts` times the timeout for each server and name.
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

    /// Asks for the records of one kind that a name has.
    ///
    /// - Parameters:
    ///   - name: a name of the DNS; with a point at its end no domain is appended.
    ///   - kind: what is asked for.
    ///   - timeout: for each question to each server.
    /// - Returns: the records; none when the name has none, or there is no such name.
    /// - Throws: `.connectFailed` when no server answers, or all of them say that something is wrong.
    public func records(
        of name: String, _ kind: DNSRecord.Kind, timeout: Duration = .seconds(2)
    ) async throws(TransportError) -> [DNSRecord] {
        let names = names(for: name)
        let result = try? await NIOThreadPool.singleton.runIfActive {
            () -> Result<[DNSRecord], TransportError> in
            Result { () throws(TransportError) in try look(up: names, kind, timeout) }
        }
        guard let result else { throw TransportError(.cancelled, "looking up \(name) was given up") }
        return try result.get()
    }

    /// The names to ask for, one after another, until one is there.
    func names(for name: String) -> [String] {
        if name.hasSuffix(".") { return [name] }
        let longer = search.filter { $0 != "." }.map { "\(name).\($0)" }
        return name.filter { $0 == "." }.count >= points ? [name] + longer : longer + [name]
    }

    private func look(
        up names: [String], _ kind: DNSRecord.Kind, _ timeout: Duration
    ) throws(TransportError) -> [DNSRecord] {
        for name in names {
            let records = try ask(name, kind, timeout)
            if !records.isEmpty { return records }
        }
        return []
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
                switch Self.exchange(question, with: server, message, timeout) {
                case .records(let records)?: return records
                case .noName?: return []
                case .failure(let failure)?: reason = failure
                case nil: reason = "\(server) does not answer"
                }
            }
        }
        throw TransportError(.connectFailed, "cannot look up \(name): \(reason)")
    }

    /// Sends a question and waits for its answer; `nil` when there is none in time.
    private static func exchange(
        _ question: [UInt8], with server: ListenAddress, _ message: DNSMessage, _ timeout: Duration
    ) -> DNSMessage.Answer? {
        guard case .tcp(let host, let port) = server else { return .failure("\(server) is no address") }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0, let address = list?.pointee else {
            return .failure("\(server) is no address")
        }
        defer { freeaddrinfo(list) }
        let descriptor = socket(address.ai_family, Int32(SOCK_DGRAM.rawValue) | O_CLOEXEC, 0)
        guard descriptor >= 0 else { return .failure("there is no socket for it") }
        defer { close(descriptor) }
        // Connected, so that the system lets in datagrams of the server only.
        guard connect(descriptor, address.ai_addr, address.ai_addrlen) == 0,
            send(descriptor, question, question.count, 0) == question.count
        else { return .failure("\(server) cannot be reached") }
        let deadline = ContinuousClock.now + timeout
        var buffer = [UInt8](repeating: 0, count: DNSMessage.sizeLimit)
        while true {
            let left = Int32(max((deadline - ContinuousClock.now) / .milliseconds(1), 0))
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&event, 1, left) > 0 else { return nil }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { return .failure("\(server) cannot be reached") }
            if let answer = message.answer(Array(buffer[..<count])) { return answer }
        }
    }
}
