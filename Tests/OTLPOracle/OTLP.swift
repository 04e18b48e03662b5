/// Short names for the generated messages, apart from the product's own types of the same names.
///
/// The generated code is the oracle: an implementation of OTLP that shares nothing with ours but the `.proto`
/// files, slow and complete where ours is fast and works on bytes.
public enum OTLP {
    public typealias AnyValue = Opentelemetry_Proto_Common_V1_AnyValue
    public typealias ArrayValue = Opentelemetry_Proto_Common_V1_ArrayValue
    public typealias KeyValueList = Opentelemetry_Proto_Common_V1_KeyValueList
    public typealias KeyValue = Opentelemetry_Proto_Common_V1_KeyValue
    public typealias Scope = Opentelemetry_Proto_Common_V1_InstrumentationScope
    public typealias EntityRef = Opentelemetry_Proto_Common_V1_EntityRef
    public typealias Resource = Opentelemetry_Proto_Resource_V1_Resource

    public typealias TracesData = Opentelemetry_Proto_Trace_V1_TracesData
    public typealias ResourceSpans = Opentelemetry_Proto_Trace_V1_ResourceSpans
    public typealias ScopeSpans = Opentelemetry_Proto_Trace_V1_ScopeSpans
    public typealias Span = Opentelemetry_Proto_Trace_V1_Span
    public typealias Status = Opentelemetry_Proto_Trace_V1_Status

    public typealias LogsData = Opentelemetry_Proto_Logs_V1_LogsData
    public typealias ResourceLogs = Opentelemetry_Proto_Logs_V1_ResourceLogs
    public typealias ScopeLogs = Opentelemetry_Proto_Logs_V1_ScopeLogs
    public typealias LogRecord = Opentelemetry_Proto_Logs_V1_LogRecord

    public typealias MetricsData = Opentelemetry_Proto_Metrics_V1_MetricsData
    public typealias ResourceMetrics = Opentelemetry_Proto_Metrics_V1_ResourceMetrics
    public typealias ScopeMetrics = Opentelemetry_Proto_Metrics_V1_ScopeMetrics
    public typealias Metric = Opentelemetry_Proto_Metrics_V1_Metric
    public typealias NumberDataPoint = Opentelemetry_Proto_Metrics_V1_NumberDataPoint
    public typealias HistogramDataPoint = Opentelemetry_Proto_Metrics_V1_HistogramDataPoint
    public typealias ExponentialHistogramDataPoint =
        Opentelemetry_Proto_Metrics_V1_ExponentialHistogramDataPoint
    public typealias SummaryDataPoint = Opentelemetry_Proto_Metrics_V1_SummaryDataPoint
    public typealias Exemplar = Opentelemetry_Proto_Metrics_V1_Exemplar
    public typealias Temporality = Opentelemetry_Proto_Metrics_V1_AggregationTemporality

    public typealias ProfilesData = Opentelemetry_Proto_Profiles_V1development_ProfilesData
    public typealias ResourceProfiles = Opentelemetry_Proto_Profiles_V1development_ResourceProfiles
    public typealias ScopeProfiles = Opentelemetry_Proto_Profiles_V1development_ScopeProfiles
    public typealias ProfilesDictionary = Opentelemetry_Proto_Profiles_V1development_ProfilesDictionary
    public typealias Profile = Opentelemetry_Proto_Profiles_V1development_Profile
    public typealias Sample = Opentelemetry_Proto_Profiles_V1development_Sample
    public typealias ValueType = Opentelemetry_Proto_Profiles_V1development_ValueType
    public typealias Mapping = Opentelemetry_Proto_Profiles_V1development_Mapping
    public typealias Location = Opentelemetry_Proto_Profiles_V1development_Location
    public typealias Line = Opentelemetry_Proto_Profiles_V1development_Line
    public typealias Function = Opentelemetry_Proto_Profiles_V1development_Function
    public typealias ProfileLink = Opentelemetry_Proto_Profiles_V1development_Link
    public typealias Stack = Opentelemetry_Proto_Profiles_V1development_Stack
    public typealias KeyValueAndUnit = Opentelemetry_Proto_Profiles_V1development_KeyValueAndUnit
}
