/// The hosts that are reached without a proxy, as `NO_PROXY` lists them: `*`, names with or without a leading
/// dot (their subdomains count), addresses and networks in CIDR notation, each with or without a port.
struct NoProxyList: Sendable {
    private let entries: [String]

    init(_ text: String) {
        entries = text.split(separator: ",").map { entry in
            String(entry.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).lowercased()
        }
    }

    /// Whether `host` is reached directly, as loopback always is.
    func contains(host: String, port: Int) -> Bool {
        let host = host.lowercased()
        let address = AddressLiteral.bytes(of: host)
        if host == "localhost" || Self.isLoopback(address) { return true }
        return entries.contains { entry in
            if entry == "*" { return true }
            if let address, entry.contains("/") { return Self.network(entry, contains: address) }
            guard let (name, entryPort) = Self.split(entry), entryPort == nil || entryPort == port else {
                return false
            }
            if let address { return AddressLiteral.bytes(of: name) == address }
            if name.hasPrefix(".") { return host.hasSuffix(name) }
            return host == name || host.hasSuffix("." + name)
        }
    }

    private static func isLoopback(_ address: [UInt8]?) -> Bool {
        guard let address else { return false }
        return address.count == 4 ? address[0] == 127 : address == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// Takes the port off; nil when the entry is empty.
    private static func split(_ entry: String) -> (name: String, port: Int?)? {
        guard !entry.isEmpty else { return nil }
        if AddressLiteral.isAddress(entry) { return (entry, nil) }
        guard let colon = entry.lastIndex(of: ":"), let port = Int(entry[entry.index(after: colon)...]) else {
            return (entry, nil)
        }
        let name = entry[..<colon].drop { $0 == "[" }
        return (String(name.hasSuffix("]") ? name.dropLast() : name), port)
    }

    private static func network(_ entry: String, contains address: [UInt8]) -> Bool {
        let parts = entry.split(separator: "/")
        guard parts.count == 2, let base = AddressLiteral.bytes(of: String(parts[0])),
            let length = Int(parts[1]), base.count == address.count, (0...base.count * 8).contains(length)
        else { return false }
        return (0..<length).allSatisfy { bit in
            (base[bit / 8] ^ address[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }
}
