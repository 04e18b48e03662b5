"""The processors filter and transform with the real program: over OTLP, with their counters and mistakes."""

import grpc
import otlp
import pytest
from clients import call, failure
from conftest import to_grpc
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from process import command


def send(apus, signal, message):
    with grpc.insecure_channel(apus.grpc) as channel:
        call(channel, signal, message)


def test_conditions_drop_items_and_the_ledger_knows_which(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), processors={"filter": {
        "trace_conditions": ['span.name == "item-1"', 'IsMatch(span.name, "-[3-5]$")'],
        "metric_conditions": ['datapoint.attributes["name"] == "item-0"'],
        "log_conditions": ['resource.attributes["service.name"] == "interop"'],
    }})
    send(apus, "traces", otlp.sample("traces", 8))
    send(apus, "metrics", otlp.sample("metrics", 3))
    send(apus, "logs", otlp.sample("logs", 4))
    grpc_sink.wait_for_items("traces", 4)
    names = [span.name for message in grpc_sink.accepted("traces") for resource in message.resource_spans
             for scope in resource.scope_spans for span in scope.spans]
    assert names == ["item-0", "item-2", "item-6", "item-7"]
    grpc_sink.wait_for_items("metrics", 2)
    apus.wait_for_metric("otelcol_processor_filter_logs_filtered", 4, filter="filter")
    apus.wait_for_metric(
        "apus_processor_removed_items_by_rule", 3, processor="filter", rule=r'IsMatch(span.name, \"-[3-5]$\")')
    assert not grpc_sink.accepted("logs")
    apus.stop()
    assert not any(receipt.get("unaccounted") for receipt in apus.receipts().values())


@pytest.mark.parametrize("signal", otlp.SIGNALS)
def test_what_matches_nothing_passes_unchanged(start, grpc_sink, signal):
    apus = start(to_grpc(grpc_sink), processors={
        "filter": {
            "trace_conditions": ['span.name == "-"'], "metric_conditions": ['metric.name == "-"'],
            "log_conditions": ['log.body == "-"']},
        "transform": {
            "trace_statements": ['set(span.name, "x") where span.name == "-"'],
            "metric_statements": ['set(metric.name, "x") where metric.name == "-"'],
            "log_statements": ['set(log.body, "x") where log.body == "-"']},
    })
    message = otlp.complete(signal)
    send(apus, signal, message)
    expected = otlp.items(message)
    assert grpc_sink.wait_for_items(signal, len(expected)) == expected


def test_spans_of_the_sdk_are_changed(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), processors={"transform": {"trace_statements": [
        'set(span.attributes["team"], "shop")', 'replace_pattern(span.name, "^GET /user/[0-9]+", "GET /user/{id}")',
        'set(resource.attributes["kind"], span.kind)', 'delete_key(span.attributes, "secret")']}})
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(apus.grpc, insecure=True)))
    with provider.get_tracer("t").start_as_current_span("GET /user/42", attributes={"secret": "x", "kept": 1}):
        pass
    provider.shutdown()
    grpc_sink.wait_for_items("traces", 1)
    [message] = grpc_sink.accepted("traces")
    resource = message.resource_spans[0]
    [span] = resource.scope_spans[0].spans
    assert span.name == "GET /user/{id}"
    assert {pair.key: pair.value for pair in span.attributes} == {
        "kept": otlp.any_value(1), "team": otlp.any_value("shop")}
    assert otlp.attribute("kind", 1) in resource.resource.attributes


def test_metrics_are_made_of_metrics_and_the_ledger_balances(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), processors={"transform": {"metric_statements": [
        {"context": "metric", "statements": [
            'extract_count_metric(true) where name == "histogram"', 'convert_sum_to_gauge() where name == "sum"',
            'copy_metric(name="copy") where name == "gauge"',
            'convert_exponential_histogram_to_histogram("upper", [1.0, 10.0]) where name == "exponential"']},
        {"context": "datapoint", "statements": ['set(attributes["seen"], true) where metric.name == "copy"']}]}})
    message = otlp.complete("metrics")
    send(apus, "metrics", message)
    grpc_sink.wait_for_items("metrics", 7)
    [received] = grpc_sink.accepted("metrics")
    metrics = {metric.name: metric for metric in received.resource_metrics[0].scope_metrics[0].metrics}
    assert set(metrics) == {"gauge", "sum", "histogram", "exponential", "summary", "histogram_count", "copy"}
    assert metrics["sum"].WhichOneof("data") == "gauge"
    assert metrics["exponential"].WhichOneof("data") == "histogram"
    assert metrics["histogram_count"].sum.data_points[0].as_int == 7
    assert otlp.attribute("seen", True) in metrics["copy"].gauge.data_points[0].attributes
    assert otlp.attribute("seen", True) not in metrics["gauge"].gauge.data_points[0].attributes
    apus.wait_for_metric("apus_processor_added_items", 2, processor="transform")
    assert apus.metric("apus_ledger_imbalance_items") == 0
    apus.stop()
    assert not any(receipt.get("unaccounted") for receipt in apus.receipts().values())


def test_a_statement_that_fails_can_refuse_the_batch(start, grpc_sink):
    apus = start(to_grpc(grpc_sink), processors={"transform": {
        "error_mode": "propagate", "log_statements": ["set(log.severity_text, log.severity_number)"]}})
    error = failure(apus.grpc, "logs", otlp.sample("logs", 1))
    assert "could not evaluate 'set(log.severity_text, log.severity_number)'" in error.details()


def test_mistakes_are_told_with_their_place(tmp_path):
    config = tmp_path / "apus.yaml"
    config.write_text(
        "receivers: {nop: }\nexporters: {nop: }\nprocessors:\n  transform:\n    log_statements:\n"
        "      - set(log.bodi, \"x\")\n  filter:\n    trace_conditions:\n      - span.name = \"a\"\n"
        "service: {pipelines: {logs: {receivers: [nop], processors: [transform, filter], exporters: [nop]}}}\n")
    result = command("validate", "--config", str(config))
    assert result.returncode != 0
    text = result.stdout + result.stderr
    assert "apus.yaml:6:17: error: processors::transform::log_statements::0: column 9 of" in text
    assert "a log has no field 'bodi' (did you mean 'body'?)" in text
    assert "apus.yaml:9:19: error: processors::filter::trace_conditions::0: column 11 of" in text
