/// What a server answers to a request for a WebSocket that it takes.
public struct WebSocketAcceptance: Sendable {
    /// Hears what happens on the socket.
    public var handler: any WebSocketHandler
    /// Fields of the answer beside those of the handshake, such as `sec-websocket-protocol`.
    public var fields: HTTPFields

    /// Makes an acceptance.
    public init(handler: any WebSocketHandler, fields: HTTPFields = [:]) {
        self.handler = handler
        self.fields = fields
    }
}

extension ServerRequestHead {
    /// Whether the client asks for a WebSocket; how well it does is not looked at.
    public var asksForWebSocket: Bool {
        fields.all("upgrade").contains { WebSocketUpgrade.hasToken("websocket", in: $0) }
    }
}

/// The opening handshake (RFC 6455 section 4.2).
enum WebSocketUpgrade {
    static let version = "13"
    /// The answer to a request over HTTP/2, where it would have to be an extended `CONNECT`.
    static let needsHTTP1 = ServerResponse.text(400, "WebSockets are spoken over HTTP/1.1 only")
    /// The characters of sixteen bytes in base64.
    private static let keyLength = 24

    /// What is wrong with a request for a WebSocket; `nil` when nothing is.
    static func fault(of head: ServerRequestHead) -> ServerResponse? {
        let fields = head.fields
        guard head.asksForWebSocket, fields.all("connection").contains(where: { hasToken("upgrade", in: $0) })
        else {
            return upgradeRequired("this is for WebSockets: the request has to ask for an upgrade to one")
        }
        guard head.method == "GET", head.contentLength ?? 0 == 0, !fields.contains("transfer-encoding") else {
            return .text(400, "a request for a WebSocket is a GET without a body")
        }
        guard fields.all("sec-websocket-version") == [version] else {
            return upgradeRequired("version \(version) of WebSockets is spoken here")
        }
        let keys = fields.all("sec-websocket-key")
        guard keys.count == 1, let key = keys.first, key.utf8.count == keyLength,
            GRPCText.base64Decoded(key)?.count == 16
        else {
            return .text(400, "a request for a WebSocket needs one sec-websocket-key of 16 bytes in base64")
        }
        return nil
    }

    /// The fields of the answer to a request without fault.
    static func fields(for head: ServerRequestHead, _ acceptance: WebSocketAcceptance) -> HTTPFields {
        var fields: HTTPFields = [
            "upgrade": "websocket", "connection": "upgrade",
            "sec-websocket-accept": accept(key: head.fields["sec-websocket-key"] ?? ""),
        ]
        for (name, value) in acceptance.fields { fields.add(name, value) }
        return fields
    }

    /// What a server that understood `key` answers.
    static func accept(key: String) -> String {
        let digest = SHA1.digest(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return paddedBase64(digest)
    }

    static func paddedBase64(_ bytes: [UInt8]) -> String {
        let text = GRPCText.base64(bytes)
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }

    /// Whether a comma-separated list has a word, in any case.
    static func hasToken(_ token: String, in list: String) -> Bool {
        list.lowercased().split(separator: ",").contains { part in
            part.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" } == token
        }
    }

    private static func upgradeRequired(_ text: String) -> ServerResponse {
        var response = ServerResponse.text(426, text)
        response.fields.add("upgrade", "websocket")
        response.fields.add("connection", "upgrade")
        response.fields.add("sec-websocket-version", version)
        return response
    }
}
