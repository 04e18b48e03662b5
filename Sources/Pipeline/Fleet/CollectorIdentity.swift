/// Who a collector is, for an inventory.
public struct CollectorIdentity: Sendable, Equatable {
    /// The name of the program, `service.name` of its own telemetry.
    public var serviceName: String
    public var serviceVersion: String
    /// Made anew for every process, `service.instance.id` of its own telemetry.
    public var serviceInstance: String
    public var hostName: String
    /// Such as `linux`.
    public var osType: String
    /// Such as `Debian GNU/Linux 13 (trixie)`.
    public var osDescription: String
    /// The processor the program was built for, such as `amd64`.
    public var architecture: String
    /// When the process began, in nanoseconds since 1970-01-01T00:00:00Z.
    public var startedAt: UInt64
    /// Attributes of `service::telemetry::resource`, in their order.
    public var resource: [(name: String, value: String)]

    public init(
        serviceName: String = "apus", serviceVersion: String, serviceInstance: String = "",
        hostName: String = "", osType: String = "linux", osDescription: String = "",
        architecture: String = "", startedAt: UInt64 = 0, resource: [(name: String, value: String)] = []
    ) {
        self.serviceName = serviceName
        self.serviceVersion = serviceVersion
        self.serviceInstance = serviceInstance
        self.hostName = hostName
        self.osType = osType
        self.osDescription = osDescription
        self.architecture = architecture
        self.startedAt = startedAt
        self.resource = resource
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.serviceName == right.serviceName && left.serviceVersion == right.serviceVersion
            && left.serviceInstance == right.serviceInstance && left.hostName == right.hostName
            && left.osType == right.osType && left.osDescription == right.osDescription
            && left.architecture == right.architecture && left.startedAt == right.startedAt
            && left.resource.elementsEqual(right.resource) { $0 == $1 }
    }
}
