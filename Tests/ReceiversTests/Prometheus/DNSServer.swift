import NIOCore
import NIOPosix
import Pipeline
import PipelineTesting
import Synchronization
import Transport

/// A DNS server that has the records that the test gives it.
final class DNSServer: Sendable {
    /// The data of the records of a name and a kind; a name that is not there does not exist.
    typealias Zone = [String: [UInt16: [[UInt8]]]]

    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>

        let behavior: Behavior

        init(_ behavior: Behavior) { self.behavior = behavior }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            let answer = behavior.answer(Array(envelope.data.readableBytesView), isStream: false)
            context.writeAndFlush(
                wrapOutboundOut(
                    AddressedEnvelope(
                        remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))),
                promise: nil)
        }
    }

    /// The same over TCP; a question comes in one piece.
    private final class StreamHandler: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        let behavior: Behavior

        init(_ behavior: Behavior) { self.behavior = behavior }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let question = Array(unwrapInboundIn(data).readableBytesView.dropFirst(2))
            let answer = behavior.answer(question, isStream: true)
            let size = [UInt8(answer.count >> 8), UInt8(answer.count & 0xFF)]
            // In two pieces, as it may come.
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: size + answer.prefix(20))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer.dropFirst(20))), promise: nil)
        }
    }

    /// What the server answers.
    struct Behavior: Sendable {
        var zone: Zone
        /// Whether answers in datagrams are cut off.
        var isCutOff = false
        /// Names for which it says that it has failed.
        var failing: Set<String> = []

        func answer(_ question: [UInt8], isStream: Bool) -> [UInt8] {
            DNSServer.answer(question, self, flags: isCutOff && !isStream ? 0x02 : 0)
        }
    }

    private let channels: [any Channel]
    let address: ListenAddress

    /// Starts to listen, for TCP too where that is wanted.
    init(_ zone: Zone, isCutOff: Bool = false, failing: Set<String> = [], isStream: Bool = false) async throws
    {
        let behavior = Behavior(zone: zone, isCutOff: isCutOff, failing: failing)
        let loop = Harness().lanes[0].eventLoop
        while true {
            let channel = try await DatagramBootstrap(group: loop)
                .channelInitializer { $0.pipeline.addHandler(Handler(behavior)) }
                .bind(host: "127.0.0.1", port: 0).get()
            let port = channel.localAddress?.port ?? 0
            guard isStream else {
                (address, channels) = (.tcp(host: "127.0.0.1", port: port), [channel])
                return
            }
            // The port may belong to somebody else there.
            let stream = try? await ServerBootstrap(group: loop)
                .childChannelInitializer { $0.pipeline.addHandler(StreamHandler(behavior)) }
                .bind(host: "127.0.0.1", port: port).get()
            if let stream {
                (address, channels) = (.tcp(host: "127.0.0.1", port: port), [channel, stream])
                return
            }
            try await channel.close()
        }
    }

    func stop() async throws { for channel in channels { try await channel.close() } }

    private static func answer(_ question: [UInt8], _ behavior: Behavior, flags: UInt8) -> [UInt8] {
        var (position, labels) = (12, [String]())
        while position < question.count, question[position] > 0 {
            let end = position + 1 + Int(question[position])
            labels.append(String(decoding: question[(position + 1)..<end], as: UTF8.self))
            position = end
        }
        let kind = UInt16(question[position + 1]) << 8 | UInt16(question[position + 2])
        let name = labels.joined(separator: ".")
        let records = behavior.zone[name]
        let data = flags == 0 ? records?[kind] ?? [] : []
        let code: UInt8 = behavior.failing.contains(name) ? 2 : records == nil ? 3 : 0
        var answer = Array(question[..<2]) + [0x84 | flags, code]
        answer += [0, 1, 0, UInt8(data.count), 0, 0, 0, 0]
        answer += question[12..<(position + 5)]
        for record in data {
            // The name is that of the question, and then type, class, time to live and length.
            answer += [0xC0, 12, UInt8(kind >> 8), UInt8(kind & 0xFF), 0, 1, 0, 0, 0, 60]
            answer += [0, UInt8(record.count)] + record
        }
        return answer
    }

    /// The data of an SRV record.
    static func service(_ port: UInt16, _ target: String) -> [UInt8] {
        let labels = target.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        return [0, 1, 0, 1, UInt8(port >> 8), UInt8(port & 0xFF)] + labels + [0]
    }
}
