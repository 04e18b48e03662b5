import PipelineTesting
import Telemetry
import Testing
import Wire

@testable import Exporters

@Suite struct DebugTextTests {
    private static let heading = """
        Resource SchemaURL: https://resource.example/1.0
        Resource attributes:
             -> service.name: Str(shop)
             -> host.cpus: Int(2)
        Resource DroppedAttributesCount: 1
        Resource entity refs:
             -> Entity ref #0:
                  -> Type: service
                  -> Schema URL: https://entity.example/1.0
                  -> ID keys:
                       -> service.name
                  -> Description keys:
                       -> host.cpus
        """

    private static let scope = """
        InstrumentationScope sample 1.2.3
        InstrumentationScope attributes:
             -> scope.kind: Str(test)
        InstrumentationScope DroppedAttributesCount: 2
        """

    private static let everyType = """
             -> text: Str(a"b)
             -> bool: Bool(true)
             -> int: Int(-7)
             -> double: Double(0.5)
             -> list: Slice(["x",1,null])
             -> map: Map({"a":"AQI=","b":2})
             -> data: Bytes(3q0=)
             -> empty: Empty()
        """

    private func expect(_ signal: Signal, _ expected: String) throws {
        let text = DebugText(try Samples.complete(signal)).text
        let pairs = zip(text.split(separator: "\n"), expected.split(separator: "\n"))
        for (line, wanted) in pairs { try #require(line == wanted) }
        #expect(text == expected + "\n")
    }

    @Test func `a span is printed with every field it has`() throws {
        try expect(
            .traces,
            """
            ResourceSpans #0
            \(Self.heading)
            ScopeSpans #0
            ScopeSpans SchemaURL: https://scope.example/1.0
            \(Self.scope)
            Span #0
                Trace ID       : 0102030405060708090a0b0c0d0e0f10
                Parent ID      : 0102030405060708
                ID             : 1112131415161718
                Name           : checkout
                Kind           : Client
                TraceState     : ot=th:0
                Start time     : 2020-02-11 20:26:12.000000321 +0000 UTC
                End time       : 2020-02-11 20:26:13.000000789 +0000 UTC
                Status code    : Error
                Status message : card refused
                DroppedAttributesCount: 1
                DroppedEventsCount: 3
                DroppedLinksCount: 5
                Flags: 257
            Attributes:
            \(Self.everyType)
            Events:
            SpanEvent #0
                 -> Name: retry
                 -> Timestamp: 2020-02-11 20:26:13.000000789 +0000 UTC
                 -> DroppedAttributesCount: 2
                 -> Attributes::
                      -> attempt: Int(2)
            Links:
            SpanLink #0
                 -> Trace ID: 0102030405060708090a0b0c0d0e0f10
                 -> ID: 1112131415161718
                 -> TraceState: a=b
                 -> DroppedAttributesCount: 4
                 -> Flags: 1
                 -> Attributes::
                      -> reason: Str(follows)
            Span #1
                Trace ID       : \("")
                Parent ID      : \("")
                ID             : \("")
                Name           : bare
                Kind           : Unspecified
                Start time     : 1970-01-01 00:00:00 +0000 UTC
                End time       : 1970-01-01 00:00:00 +0000 UTC
                Status code    : Unset
                Status message : \("")
            """)
    }

    @Test func `a log record is printed with every field it has`() throws {
        try expect(
            .logs,
            """
            ResourceLog #0
            \(Self.heading)
            ScopeLogs #0
            ScopeLogs SchemaURL: https://scope.example/1.0
            \(Self.scope)
            LogRecord #0
            ObservedTimestamp: 2020-02-11 20:26:13.000000789 +0000 UTC
            Timestamp: 2020-02-11 20:26:13.000000789 +0000 UTC
            SeverityText: ERROR
            SeverityNumber: Error(17)
            EventName: disk.full
            Body: Map({"left":0,"what":"disk"})
            Attributes:
            \(Self.everyType)
            DroppedAttributesCount: 1
            Trace ID: 0102030405060708090a0b0c0d0e0f10
            Span ID: 1112131415161718
            Flags: 1
            LogRecord #1
            ObservedTimestamp: 1970-01-01 00:00:00 +0000 UTC
            Timestamp: 1970-01-01 00:00:00 +0000 UTC
            SeverityText: \("")
            SeverityNumber: Unspecified(0)
            Body: Str(bare)
            Trace ID: \("")
            Span ID: \("")
            Flags: 0
            """)
    }

    @Test func `profiles are printed as far as they can be read without their dictionary`() throws {
        let text = DebugText(try Samples.batch(.profiles, items: 2)).text
        #expect(
            text.hasSuffix(
                """
                Profile #0
                    Profile ID     : 0102030405060708090a0b0c0d0e0f10
                    Start time     : 2020-02-11 20:26:12.000000321 +0000 UTC
                    DurationNano   : 1000000000
                    Dropped attributes count: 0
                    Sample #0
                        Values: [0]
                    Sample #1
                        Values: [1]

                """))
    }
}
