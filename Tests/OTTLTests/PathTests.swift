import OTTL
import Telemetry
import Testing
import Wire

@Suite struct PathTests {
    @Test(arguments: [
        ("trace_id", "0x0102030405060708090a0b0c0d0e0f10"),
        ("trace_id.string", "\"0102030405060708090a0b0c0d0e0f10\""), ("span_id", "0x0102030405060708"),
        ("span_id.string", "\"0102030405060708\""), ("parent_span_id.string", "\"1112131415161718\""),
        ("trace_state", "\"a=1,b=2\""), ("trace_state[\"b\"]", "\"2\""), ("trace_state[\"c\"]", "\"\""),
        ("name", "\"GET /\""), ("span.name", "\"GET /\""), ("kind", "2"), ("kind.string", "\"Server\""),
        ("kind.deprecated_string", "\"SPAN_KIND_SERVER\""), ("start_time_unix_nano", "1000"),
        ("end_time", "time 3000"), ("dropped_attributes_count", "4"), ("dropped_events_count", "5"),
        ("dropped_links_count", "6"), ("flags", "1"), ("status.code", "2"), ("status.message", "\"bad\""),
        ("attributes[\"text\"]", "\"one\""), ("attributes[\"int\"]", "7"), ("attributes[\"float\"]", "1.5"),
        ("attributes[\"bool\"]", "true"), ("attributes[\"bytes\"]", "0x0102"),
        ("attributes[\"none\"]", "nil"),
        ("attributes[\"missing\"]", "nil"), ("attributes[\"list\"]", "[\"x\",2]"),
        ("attributes[\"list\"][1]", "2"),
        ("attributes[\"list\"][2]", "error: index 2 is outside of a list of 2"),
        ("attributes[\"map\"][\"a\"][\"b\"]", "\"deep\""), ("attributes[\"map\"][\"zz\"]", "nil"),
        ("attributes[attributes[\"text\"]]", "nil"),
        ("attributes[\"text\"][\"x\"]", "error: a string cannot be indexed"),
        ("resource.attributes[\"host\"]", "\"h1\""), ("resource.dropped_attributes_count", "3"),
        ("resource.schema_url", "\"http://resource\""), ("instrumentation_scope.name", "\"lib\""),
        ("scope.version", "\"1.2\""), ("scope.attributes[\"s\"]", "1"),
        ("scope.schema_url", "\"http://scope\""),
        ("events", "events 26"), ("links", "links 30"), ("cache", "{}"), ("cache[\"a\"]", "nil"),
        ("otelcol.client.addr", "\"10.0.0.1:5\""), ("otelcol.client.metadata[\"Tenant\"]", "\"a\""),
        ("otelcol.client.metadata[\"two\"]", "nil"),
        ("otelcol.client.metadata[\"Two\"][1]", "\"y\""), ("otelcol.client.metadata[\"two\"][2]", "nil"),
        ("otelcol.client.auth.attributes[\"user\"]", "\"u\""),
        ("end_time - start_time", "duration 2000"), ("end_time_unix_nano / 7 * -2 + 1", "-855"),
        ("SPAN_KIND_CLIENT", "3"),
    ])
    func `a span gives`(_ path: String, _ value: String) throws {
        #expect(try Sample.of(.span).values(path) == [value])
    }

    @Test(arguments: [
        ("name", "\"e\""), ("spanevent.time_unix_nano", "2000"), ("time", "time 2000"),
        ("attributes[\"k\"]", "\"v\""), ("dropped_attributes_count", "1"), ("span.name", "\"GET /\""),
        ("span.status.code", "2"), ("resource.attributes[\"host\"]", "\"h1\""), ("scope.name", "\"lib\""),
    ])
    func `a span event gives`(_ path: String, _ value: String) throws {
        #expect(try Sample.of(.spanevent).values(path) == [value])
    }

    @Test(arguments: [
        ("time_unix_nano", ["1000", "0"]), ("observed_time", ["time 2000", "time 0"]),
        ("severity_number", ["9", "0"]), ("severity_text", ["\"INFO\"", "\"\""]),
        ("body", ["{\"a\":[1,2],\"z\":2.5}", "\"plain\""]),
        ("body.string", ["\"{\"a\":[1,2],\"z\":2.5}\"", "\"plain\""]),
        ("body[\"a\"][1]", ["2", "error: a string cannot be indexed"]), ("event_name", ["\"e\"", "\"\""]),
        ("flags", ["1", "0"]), ("dropped_attributes_count", ["2", "0"]),
        ("trace_id", ["0x0102030405060708090a0b0c0d0e0f10", "0x00000000000000000000000000000000"]),
        ("span_id.string", ["\"0102030405060708\"", "\"0000000000000000\""]),
        ("log.attributes[\"k\"]", ["\"v\"", "nil"]), ("SEVERITY_NUMBER_WARN2", ["14", "14"]),
    ])
    func `log records give`(_ path: String, _ values: [String]) throws {
        #expect(try Sample.of(.log).values(path) == values)
    }

    @Test(arguments: [
        ("name", ["\"g\"", "\"s\"", "\"h\"", "\"x\"", "\"q\""]), ("type", ["1", "2", "3", "4", "5"]),
        ("aggregation_temporality", ["nil", "2", "1", "1", "nil"]),
        ("is_monotonic", ["nil", "true", "nil", "nil", "nil"]),
        ("unit", ["\"1\"", "\"\"", "\"\"", "\"\"", "\"\""]),
    ])
    func `metrics give`(_ path: String, _ values: [String]) throws {
        #expect(try Sample.of(.metric).values(path) == values)
    }

    @Test(arguments: [
        ("metric.name", ["\"g\"", "\"s\"", "\"h\"", "\"x\"", "\"q\""]),
        ("metric.type", ["1", "2", "3", "4", "5"]), ("value_double", ["1.5", "0.0", "nil", "nil", "nil"]),
        ("value_int", ["0", "4", "nil", "nil", "nil"]), ("flags", ["1", "0", "0", "0", "0"]),
        ("time_unix_nano", ["9", "0", "0", "0", "0"]), ("count", ["nil", "nil", "3", "3", "2"]),
        ("sum", ["nil", "nil", "6.0", "6.0", "3.0"]),
        ("bucket_counts", ["nil", "nil", "[1,2]", "nil", "nil"]),
        (
            "explicit_bounds[0]",
            [
                "error: a nil cannot be indexed", "error: a nil cannot be indexed", "5.0",
                "error: a nil cannot be indexed", "error: a nil cannot be indexed",
            ]
        ),
        ("scale", ["nil", "nil", "nil", "-1", "nil"]), ("zero_count", ["nil", "nil", "nil", "1", "nil"]),
        ("positive.offset", ["nil", "nil", "nil", "-2", "nil"]),
        ("negative.bucket_counts", ["nil", "nil", "nil", "[4]", "nil"]),
        ("quantile_values", ["nil", "nil", "nil", "nil", "quantile values 20"]),
        ("exemplars", ["exemplars 0", "exemplars 20", "exemplars 0", "exemplars 0", "nil"]),
    ])
    func `data points give`(_ path: String, _ values: [String]) throws {
        #expect(try Sample.of(.datapoint).values(path) == values)
    }

    @Test(arguments: [
        (OTTLContext.span, "name", "\"new\"", "\"new\""), (.span, "kind", "SPAN_KIND_CLIENT", "3"),
        (.span, "kind.string", "\"Internal\"", "\"Internal\""), (.span, "status.code", "1", "1"),
        (.span, "status.message", "\"ok\"", "\"ok\""), (.span, "start_time_unix_nano", "5", "5"),
        (.span, "end_time", "Moment(77)", "time 77"), (.span, "trace_state[\"b\"]", "\"9\"", "\"9\""),
        (.span, "trace_id", "0x00112233445566778899aabbccddeeff", "0x00112233445566778899aabbccddeeff"),
        (.span, "span_id.string", "\"ffffffffffffffff\"", "\"ffffffffffffffff\""),
        (.span, "parent_span_id", "0x0000000000000000", "0x0000000000000000"),
        (.span, "attributes[\"new\"]", "[1, \"x\", {\"y\": nil}]", "[1,\"x\",{\"y\":null}]"),
        (.span, "attributes[\"map\"][\"a\"][\"c\"]", "4", "4"),
        (.span, "attributes[\"q\"][1][\"r\"]", "true", "true"),
        (.span, "attributes", "{\"only\": 1}", "{\"only\":1}"), (.span, "flags", "256", "256"),
        (.span, "cache[\"x\"]", "attributes[\"text\"]", "nil"),
        (.spanevent, "name", "span.name", "\"GET /\""),
        (.spanevent, "time_unix_nano", "6", "6"), (.log, "severity_text", "\"W\"", "\"W\""),
        (.log, "observed_time_unix_nano", "3", "3"), (.log, "body.string", "\"b\"", "\"b\""),
        (.log, "body", "{\"k\": 1.5}", "{\"k\":1.5}"), (.resource, "attributes[\"host\"]", "1", "1"),
        (.scope, "version", "\"2\"", "\"2\""), (.metric, "description", "\"x\"", "\"x\""),
        (.metric, "metadata[\"m\"]", "true", "true"), (.datapoint, "time", "Moment(4)", "time 4"),
        (.datapoint, "value_int", "12", "12"), (.datapoint, "flags", "0", "0"),
    ])
    func `what is set is read back`(
        _ context: OTTLContext, _ path: String, _ value: String, _ result: String
    ) throws {
        let sample = try Sample.of(context)
        let (batch, errors) = try sample.run("set(\(path), \(value))")
        #expect(errors == [])
        #expect(try Sample(context: context, batch: batch).values(path).first == result)
    }

    @Test(arguments: [
        ("bucket_counts", "[5, 6]", 2, "[5,6]"), ("explicit_bounds", "[1.5]", 2, "[1.5]"),
        ("sum", "2.5", 2, "2.5"),
        ("scale", "-3", 3, "-3"), ("positive.offset", "-9", 3, "-9"),
        ("positive.bucket_counts", "[9]", 3, "[9]"),
        ("negative", "positive", 3, "buckets 6"), ("count", "8", 4, "8"), ("zero_count", "2", 3, "2"),
        ("metric.aggregation_temporality", "AGGREGATION_TEMPORALITY_DELTA", 1, "1"),
        ("metric.is_monotonic", "false", 1, "false"), ("metric.name", "\"n\"", 4, "\"n\""),
    ])
    func `fields of data points are set where they are`(
        _ path: String, _ value: String, _ index: Int, _ result: String
    ) throws {
        let sample = try Sample.of(.datapoint)
        let (batch, errors) = try sample.run("set(\(path), \(value))")
        #expect(errors == [])
        #expect(try Sample(context: .datapoint, batch: batch).values(path)[index] == result)
    }

    @Test(arguments: [
        ("attributes", "text", "attributes[\"text\"]", "nil"),
        ("attributes[\"map\"]", "a", "attributes[\"map\"]", "{\"n\":3}"),
        ("resource.attributes", "host", "resource.attributes", "{}"),
        ("attributes", "tex", "attributes[\"text\"]", "\"one\""),
    ])
    func `keys are taken out of maps`(_ map: String, _ key: String, _ path: String, _ value: String) throws {
        let sample = try Sample.of(.span)
        let (batch, errors) = try sample.run("delete_key(\(map), \"\(key)\")")
        #expect(errors == [])
        #expect(try Sample(context: .span, batch: batch).values(path) == [value])
        let isSame = batch.chunks.map(\.bytes.array) == sample.batch.chunks.map(\.bytes.array)
        #expect(isSame == (key == "tex"))
    }

    @Test func `what is around the telemetry is set from inside`() throws {
        let sample = try Sample.of(.spanevent)
        let (batch, errors) = try sample.run("set(resource.attributes[\"from\"], attributes[\"k\"])")
        #expect(errors == [])
        #expect(try Sample(context: .resource, batch: batch).values("attributes[\"from\"]") == ["\"v\""])
    }

    @Test(arguments: [
        ("set(name, attributes[\"int\"])", "expected string but got int"),
        ("set(attributes[\"x\"], end_time)", "a time cannot be put into telemetry; convert it first"),
        ("set(span_id.string, \"zz\")", "the id is not 16 hexadecimal digits"),
        ("set(trace_id, 0x01)", "the id has 1 bytes instead of 16"),
        ("set(kind.string, \"Nobody\")", "'Nobody' is not a kind of span"),
        ("set(attributes[\"text\"][\"x\"], 1)", "a string cannot be indexed"),
        ("set(attributes[\"list\"][9], 1)", "index 9 is outside of a list of 2"),
        ("set(events, links)", "links cannot be put in place of events"),
    ])
    func `what cannot be set is an error and changes nothing`(_ statement: String, _ error: String) throws {
        let sample = try Sample.of(.span)
        let (batch, errors) = try sample.run(statement)
        #expect(errors == [error])
        #expect(batch.chunks.map(\.bytes.array) == sample.batch.chunks.map(\.bytes.array))
    }
}
