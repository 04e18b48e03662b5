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

        let zone: Zone
        let flags: UInt8

        init(_ zone: Zone, flags: UInt8) {
            self.zone = zone
            self.flags = flags
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            let answer = DNSServer.answer(Array(envelope.data.readableBytesView), zone, flags)
            context.writeAndFlush(
                wrapOutboundOut(
                    AddressedEnvelope(
                        remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: answer))),
                promise: nil)
        }
    }

    private let channel: any Channel
    let address: ListenAddress

    init(_ zone: Zone, flags: UInt8 = 0) async throws {
        channel = try await DatagramBootstrap(group: Harness().lanes[0].eventLoop)
            .channelInitializer { $0.pipeline.addHandler(Handler(zone, flags: flags)) }
            .bind(host: "127.0.0.1", port: 0).get()
        address = .tcp(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }

    func stop() async throws { try await channel.close() }

    private static func answer(_ question: [UInt8], _ zone: Zone, _ flags: UInt8) -> [UInt8] {
        var (position, labels) = (12, [String]())
        while position < question.count, question[position] > 0 {
            let end = position + 1 + Int(question[position])
            labels.append(String(decoding: question[(position + 1)..<end], as: UTF8.self))
            position = end
        }
        let kind = UInt16(question[position + 1]) << 8 | UInt16(question[position + 2])
        let records = zone[labels.joined(separator: ".")]
        let data = records?[kind] ?? []
        var answer = Array(question[..<2]) + [0x84 | flags, records == nil ? 3 : 0]
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
