internal import Crypto
internal import Wire

/// CommunityID, IsInCIDR, URL.
enum NetworkConverters {
    static let all: [Function] = [communityID, isInCIDR, url]

    private static let protocols: [String: UInt8] = [
        "ICMP": 1, "TCP": 6, "UDP": 17, "RSVP": 46, "ICMP6": 58, "SCTP": 132,
    ]

    private static let communityID = Function(
        converter: "CommunityID",
        [
            Parameter("source_ip", .string), Parameter("source_port", .int),
            Parameter("destination_ip", .string),
            Parameter("destination_port", .int), Parameter("protocol", .string, isOptional: true),
            Parameter("seed", .int, isOptional: true),
        ], gives: .string
    ) { arguments throws(FunctionError) in
        let (source, sourcePort) = (arguments[0].string, arguments[1].int)
        let (destination, destinationPort) = (arguments[2].string, arguments[3].int)
        let name = arguments.string(4, default: "TCP")
        let seed = arguments.intOrZero(5)
        return { frame throws(EvaluationError) in
            let from = Endpoint(
                address: try address(try source(frame), "source"),
                port: try port(try sourcePort(frame), "source port"))
            let to = Endpoint(
                address: try address(try destination(frame), "destination"),
                port: try port(try destinationPort(frame), "destination port"))
            let name = try name(frame).string
            guard let number = protocols[name] else {
                throw .message("the protocol '\(name.prefix(40))' is not ICMP, TCP, UDP, RSVP, ICMP6 or SCTP")
            }
            // Both directions of a connection are the same flow.
            let (first, second) = from < to ? (from, to) : (to, from)
            var bytes = bigEndian(try port(try seed(frame), "seed"))
            bytes +=
                first.address + second.address + [number, 0] + bigEndian(first.port) + bigEndian(second.port)
            let hash = Array(Insecure.SHA1.hash(data: bytes))
            return .string(Bytes(Array("1:".utf8) + Base64Variant.standard.encode(hash)))
        }
    }.documented(
        "The Community ID (version 1) of a network flow.",
        example: #"CommunityID("192.168.1.1", 54321, "10.0.0.1", 90, "UDP", 2)"#)

    private struct Endpoint {
        let address: [UInt8]
        let port: UInt16

        static func < (left: Endpoint, right: Endpoint) -> Bool {
            left.address == right.address
                ? left.port < right.port : left.address.lexicographicallyPrecedes(right.address)
        }
    }

    private static func bigEndian(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }

    private static func port(_ number: Int64, _ what: String) throws(EvaluationError) -> UInt16 {
        guard let port = UInt16(exactly: number) else {
            throw .message("the \(what) \(number) is not between 0 and 65535")
        }
        return port
    }

    private static func address(_ text: Bytes, _ what: String) throws(EvaluationError) -> [UInt8] {
        guard let address = IPAddress(text.string) else {
            throw .message("the \(what) '\(text.string.prefix(80))' is no IP address")
        }
        return address.bytes
    }

    private static let isInCIDR = Function(
        test: "IsInCIDR", [Parameter("target", .string), Parameter("networks", .listOf(.string))]
    ) { arguments throws(FunctionError) in
        let text = arguments[0].string
        var known: [IPNetwork] = []
        var getters: [TypedGetter<Bytes>] = []
        for element in arguments[1].elements ?? [] {
            guard let literal = element.literalString else {
                getters.append(element.string)
                continue
            }
            guard let network = IPNetwork(literal) else {
                throw FunctionError("'\(literal)' is no network such as 10.0.0.0/8", parameter: 1)
            }
            known.append(network)
        }
        let (networks, others) = (known, getters)
        return { frame throws(EvaluationError) in
            let text = try text(frame).string
            guard let address = IPAddress(text) else {
                throw .message("'\(text.prefix(80))' is no IP address")
            }
            if networks.contains(where: { $0.contains(address) }) { return true }
            for other in others {
                let text = try other(frame).string
                guard let network = IPNetwork(text) else {
                    throw .message("'\(text.prefix(80))' is no network such as 10.0.0.0/8")
                }
                if network.contains(address) { return true }
            }
            return false
        }
    }.documented(
        "Whether an IP address is in one of the networks.",
        example: #"IsInCIDR(resource.attributes["server.ip"], ["192.168.0.0/16", "10.0.0.0/8"])"#)

    private static let url = Function.ofString(
        "URL", "url_string", gives: .map,
        summary:
            "The parts of a URL as a map: `url.scheme`, `url.domain`, `url.path`, `url.port` and others.",
        example: #"URL("http://www.example.com:80/foo.gif?key=value#fragment")"#
    ) { text throws(EvaluationError) in
        .map(try URLParts(text.string).map)
    }
}
