internal import Pipeline

extension Collector {
    /// Everything that the collector publishes about itself, in the Prometheus text format 0.0.4 and with
    /// the names that otelcol's metrics have.
    public nonisolated var metricsText: String {
        PrometheusText(withoutTypeSuffix: false, withoutUnits: false, resource: []).render(metrics.snapshot())
    }
}
