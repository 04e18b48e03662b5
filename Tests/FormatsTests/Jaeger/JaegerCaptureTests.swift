import Formats
import Telemetry
import Testing
import Wire

/// What jaeger-client 4.8 for Python sent over UDP, and the same span as its Thrift classes write it in the
/// binary protocol.
@Suite struct JaegerCaptureTests {
    private static let compact = """
        82810109656d697442617463681c1c180473686f70193c180e6a61656765722e76657273696f6e1500180c507974686f6e2d
        342e382e300018026970150018093139322e302e322e32001808686f73746e616d6515001802766d0000191c1694fea09db5
        98dc85970116f6b9afc9fbc58b8f940116b782e9d79bde93af6116001806706172656e74250216aaa4d382c0dfb006168c01
        195c18097370616e2e6b696e6415001806736572766572001810687474702e7374617475735f636f6465150646ee07001805
        7368617265150227000000000000e03f00180c73616d706c65722e7479706515001805636f6e737400180d73616d706c6572
        2e706172616d15043100191c1690a5d382c0dfb006192c18056576656e7415001805626567616e001807617474656d707415
        0646020000000000
        """

    private static let binary = """
        8001000400000009656d69744261746368000000010c00010c00010b00010000000473686f700f00020c000000030b000100
        00000e6a61656765722e76657273696f6e080002000000000b00030000000c507974686f6e2d342e382e30000b0001000000
        026970080002000000000b0003000000093139322e302e322e32000b000100000008686f73746e616d65080002000000000b
        000300000002766d00000f00020c000000010a00014b85b861a9d41f8a0a00024a0f1717dc95ee7b0a0003cf50d8872282df
        640a000400000000000000000b000500000006706172656e74080007000000010a00080006617e002a69150a000900000000
        000000460f000a0c000000050b0001000000097370616e2e6b696e64080002000000000b000300000006736572766572000b
        000100000010687474702e7374617475735f636f6465080002000000030a000600000000000001f7000b0001000000057368
        617265080002000000010400043fe0000000000000000b00010000000c73616d706c65722e74797065080002000000000b00
        0300000005636f6e7374000b00010000000d73616d706c65722e706172616d0800020000000202000501000f000b0c000000
        010a00010006617e002a69480f00020c000000020b0001000000056576656e74080002000000000b00030000000562656761
        6e000b000100000007617474656d7074080002000000030a000600000000000000010000000000
        """

    @Test(arguments: [(compact, ThriftEncoding.compact), (binary, .binary)])
    func `a datagram of a client is read`(capture: (text: String, encoding: ThriftEncoding)) throws {
        let bytes = try #require(Hexadecimal.bytes(of: capture.text.filter { !$0.isNewline }))
        let batch = try JaegerThrift.datagram(Bytes(bytes), capture.encoding, limit: 1 << 16)
        let group = try #require(batch.resourceSpans.first)
        #expect(
            group.resource.attributes.map { "\($0.key)=\($0.value.text)" } == [
                "service.name=shop", "ip=192.0.2.2", "host.name=vm",
                "opencensus.exporterversion=Jaeger-Python-4.8.0",
            ])
        let span = try #require(group.scopes.first?.records.first)
        #expect(Hexadecimal.text(of: span.traceID.array) == "4a0f1717dc95ee7b4b85b861a9d41f8a")
        #expect(Hexadecimal.text(of: span.spanID.array) == "cf50d8872282df64")
        #expect(span.name == "parent" && span.kind == 2 && span.flags == 1 && span.parentSpanID.isEmpty)
        #expect(span.startTime == 1_796_043_656_816_917_000 && span.endTime == span.startTime + 70_000)
        #expect(span.status?.code == 2)
        #expect(
            span.attributes.map { "\($0.key)=\($0.value.text)" } == [
                "http.status_code=503", "share=0.5", "sampler.type=const", "sampler.param=true",
            ])
        let event = try #require(span.events.first)
        #expect(event.name == "began" && event.time == 1_796_043_656_816_968_000)
        #expect(event.attributes.map { "\($0.key)=\($0.value.text)" } == ["attempt=1"])
    }
}
