internal import Settings

/// The metrics of the scraper filesystem.
enum FilesystemMetric: String, HostMetricName {
    case usage = "system.filesystem.usage"
    case inodesUsage = "system.filesystem.inodes.usage"
    case utilization = "system.filesystem.utilization"

    var definition: HostMetric {
        let place: [HostMetric.Attribute] = ["device", "mode", "mountpoint", "type"]
        return switch self {
        case .usage: HostMetric(.amount, "By", "Filesystem bytes used.", place + ["state"])
        case .inodesUsage: HostMetric(.amount, "{inodes}", "FileSystem inodes used.", place + ["state"])
        case .utilization:
            HostMetric(.gauge, "1", "Fraction of filesystem bytes used.", isEnabled: false, place)
        }
    }
}

/// The section of the scraper filesystem.
struct FilesystemScraperSettings: SettingGroup {
    var includesVirtual = false
    var includeDevices = NameFilterSettings<DeviceNames>()
    var excludeDevices = NameFilterSettings<DeviceNames>()
    var includeTypes = NameFilterSettings<FilesystemTypeNames>()
    var excludeTypes = NameFilterSettings<FilesystemTypeNames>()
    var includeMountPoints = NameFilterSettings<MountPointNames>()
    var excludeMountPoints = NameFilterSettings<MountPointNames>()
    var metrics = MetricSwitches<FilesystemMetric>()

    init() {}

    static let fields: [Field<Self>] = [
        Field(
            "include_virtual_filesystems", \.includesVirtual,
            "Whether file systems without a device are shown too, such as tmpfs and those of a network."),
        Field("include_devices", \.includeDevices, "The devices that are wanted; all, if none is named."),
        Field("exclude_devices", \.excludeDevices, "Devices that are not wanted."),
        Field("include_fs_types", \.includeTypes, "The types that are wanted; all, if none is named."),
        Field("exclude_fs_types", \.excludeTypes, "Types that are not wanted."),
        Field(
            "include_mount_points", \.includeMountPoints,
            "The mount points that are wanted; all, if none is named."),
        Field("exclude_mount_points", \.excludeMountPoints, "Mount points that are not wanted."),
        Field("metrics", \.metrics, "Which metrics are made, and how."),
    ]
}
