internal import Glibc
internal import Pipeline
internal import Transport

/// Where webhooks may go: not to what only this machine, or only its link, can reach.
///
/// A webhook makes the manager send requests that somebody else chose, from where the manager stands; so
/// addresses count after names have been looked up.
enum WebhookAddress {
    /// What is wrong with the URL of a webhook; `nil` when nothing is.
    static func problem(in url: String) -> String? {
        guard url.utf8.count <= 2048 else { return "has more than 2048 bytes" }
        guard let endpoint = endpoint(url) else {
            return "must be a URL such as https://alerts.example/fleet, without a user or a fragment"
        }
        if endpoint.scheme == .http, !endpoint.target.isLocal {
            return "must begin with https://, except on this machine"
        }
        return nil
    }

    static func endpoint(_ url: String) -> Endpoint? {
        guard url.hasPrefix("https://") || url.hasPrefix("http://"), !url.contains("#") else { return nil }
        let authority = url.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@"), !authority.isEmpty else { return nil }
        do throws(ComponentError) { return try Endpoint(parsing: url, defaultPort: 443) } catch { return nil }
    }

    /// Whether a webhook may be sent to an address.
    static func admits(_ text: String, allowsLoopback: Bool) -> Bool {
        guard let bytes = bytes(of: text) else { return false }
        if isLoopback(bytes) { return allowsLoopback }
        return !isForbidden(bytes)
    }

    private static func bytes(of text: String) -> [UInt8]? {
        let bare = text.split(separator: "%", maxSplits: 1).first.map(String.init) ?? text
        var six = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET6, bare, &six) == 1 {
            return hasIPv4(six) ? Array(six[12...]) : six
        }
        var four = [UInt8](repeating: 0, count: 4)
        return inet_pton(AF_INET, bare, &four) == 1 ? four : nil
    }

    /// Whether an address of IPv6 stands for one of IPv4: mapped, translated (RFC 6052) or, as they once
    /// were, compatible; `::` and `::1` are none of these.
    private static func hasIPv4(_ six: [UInt8]) -> Bool {
        if six[..<12] == [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0] { return true }
        guard six[..<10].allSatisfy({ $0 == 0 }) else { return false }
        return six[10] == 0xFF && six[11] == 0xFF || six[10] == 0 && six[11] == 0 && six[12] != 0
    }

    private static func isLoopback(_ bytes: [UInt8]) -> Bool {
        if bytes.count == 4 { return bytes[0] == 127 }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    /// Link-local, multicast, unspecified, and the metadata service of a cloud.
    private static func isForbidden(_ bytes: [UInt8]) -> Bool {
        if bytes.count == 4 { return bytes[0] == 0 || bytes[0] >= 224 || bytes[0] == 169 && bytes[1] == 254 }
        let metadata: [UInt8] = [0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54]
        return bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 || bytes[0] == 0xFF || bytes == metadata
            || bytes.allSatisfy { $0 == 0 }
    }
}
