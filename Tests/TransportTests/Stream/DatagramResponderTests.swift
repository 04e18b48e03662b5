import NIOCore
import Testing

@testable import Transport

@Suite struct DatagramResponderTests {
    @Test(arguments: [(7, false), (1023, false), (1024, true), (24224, false), (24225, true)])
    func `services that may answer as well are not answered`(port: Int, isAnswered: Bool) throws {
        let own = try SocketAddress(ipAddress: "127.0.0.1", port: 24224)
        let sender = try SocketAddress(ipAddress: "192.0.2.1", port: port)
        #expect(DatagramResponder.mayAnswer(sender, at: own) == isAnswered)
    }
}
