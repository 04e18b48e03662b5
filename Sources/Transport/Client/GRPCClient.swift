public import Compression
public import Wire

/// Makes unary gRPC calls over a `Client` that speaks HTTP/2.
public struct GRPCClient: Sendable {
    private let client: Client
    private let compressor: Compressor?
    private let maxResponseBytes: Int
    private let fields: HTTPFields

    /// Makes a client for calls with the same compression and limits.
    ///
    /// - Parameters:
    ///   - client: the connections; its versions have to be `.http2`.
    ///   - compression: how messages are compressed, if at all. Snappy is written in its framing format,
    ///     which is what `grpc-encoding: snappy` means to others.
    ///   - level: the level of the compression; nil for the default.
    ///   - userAgent: the value of `user-agent`.
    ///   - maxResponseBytes: the most bytes of a response message once it is decompressed.
    /// - Throws: `CompressionError.unsupportedLevel`.
    public init(
        client: Client, compression: CompressionAlgorithm? = nil, level: Int? = nil, userAgent: String,
        maxResponseBytes: Int = 4 << 20
    ) throws(CompressionError) {
        self.client = client
        self.maxResponseBytes = maxResponseBytes
        var fields: HTTPFields = [
            "te": "trailers", "content-type": "application/grpc", "user-agent": userAgent,
            "grpc-accept-encoding": GRPCFraming.acceptedEncodings,
        ]
        if let compression {
            let isSnappy = compression == .snappy || compression == .snappyFramed
            compressor = try Compressor(isSnappy ? .snappyFramed : compression, level: level)
            fields.add("grpc-encoding", isSnappy ? "snappy" : compression.rawValue)
        } else {
            compressor = nil
        }
        self.fields = fields
    }

    /// Calls a method.
    ///
    /// - Parameters:
    ///   - path: `/package.Service/Method`.
    ///   - message: the request message, in parts that are sent one after another.
    ///   - metadata: further fields.
    ///   - lane: the lane whose connections carry the call.
    ///   - timeout: for the whole call; the server is told with `grpc-timeout`.
    /// - Returns: the response message.
    /// - Throws: the status, from the server or for what kept the call from it. Failures to connect are
    ///   `.unavailable`, timeouts `.deadlineExceeded`, too large responses `.resourceExhausted`.
    public func call(
        path: String, message: [Bytes], metadata: HTTPFields = [:], lane: Int = 0, timeout: Duration? = nil
    ) async throws(GRPCStatus) -> Bytes {
        let request = try request(path, message, metadata, timeout)
        let response: ClientResponse
        do throws(TransportError) {
            response = try await client.send(request, lane: lane, timeout: timeout)
        } catch {
            throw GRPCStatus(error)
        }
        return try GRPCOutcome.message(of: response, limit: maxResponseBytes)
    }

    private func request(
        _ path: String, _ message: [Bytes], _ metadata: HTTPFields, _ timeout: Duration?
    ) throws(GRPCStatus) -> ClientRequest {
        var fields = fields
        if let timeout { fields.add("grpc-timeout", GRPCTimeout.format(timeout)) }
        metadata.forEachField { name, value in fields.append(name: name, value: value) }
        guard let compressor else {
            return ClientRequest(path: path, fields: fields, body: [prefix(0, message)] + message)
        }
        do throws(CompressionError) {
            let compressed = [try compressor.compress(message)]
            return ClientRequest(path: path, fields: fields, body: [prefix(1, compressed)] + compressed)
        } catch {
            throw GRPCStatus(.internal, "cannot compress the message: \(error)")
        }
    }

    private func prefix(_ flag: UInt8, _ message: [Bytes]) -> Bytes {
        let size = UInt32(clamping: message.reduce(0) { $0 + $1.count })
        var builder = BytesBuilder(capacity: GRPCFraming.prefixLength)
        builder.append(flag)
        withUnsafeBytes(of: size.bigEndian) { builder.append($0) }
        return builder.finish()
    }
}
