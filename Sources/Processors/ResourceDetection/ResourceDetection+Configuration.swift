internal import Patterns
internal import Pipeline
public import Settings

extension ResourceDetection {
    /// The detectors, by the names they have in the configuration.
    public enum Name: String, SettingChoice {
        case env, system, process, docker, ec2, ecs, lambda, gcp, azure, aks, digitalocean, hetzner, heroku
    }

    /// The section of the detector ec2.
    public struct EC2Settings: SettingGroup {
        public var endpoint = ""
        public var tags: [String] = []
        public var tagsFromIMDS = false
        public var resourceAttributes = AttributeSwitches<EC2Detector>()

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "endpoint", \.endpoint,
                "Address of the metadata service; empty for AWS_EC2_METADATA_SERVICE_ENDPOINT "
                    + "or that of the cloud.",
                check: { DetectorEndpoint.problem(of: $0) }),
            Field("tags", \.tags, "Regular expressions (RE2) for tags that become attributes ec2.tag.NAME."),
            Field(
                "tags_from_imds", \.tagsFromIMDS,
                "Whether tags are read from the metadata service, where the instance has to allow it."),
            Field("resource_attributes", \.resourceAttributes, "Which attributes it gives."),
        ]

        public func check() -> [Problem] {
            if !tags.isEmpty, !tagsFromIMDS {
                return [
                    Problem(
                        "tags",
                        "can only be read from the metadata service: set tags_from_imds: true")
                ]
            }
            return DetectorEndpoint.problems(ofTags: tags)
        }
    }

    /// Where the detector system looks for the name of the host.
    public enum HostnameSource: String, SettingChoice {
        case dns, os, cname, lookup
    }

    /// The section of the detector system.
    public struct SystemSettings: SettingGroup {
        public var hostnameSources = [HostnameSource.dns, .os]
        public var resourceAttributes = AttributeSwitches<SystemDetector>()

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "hostname_sources", \.hostnameSources,
                "Where host.name comes from, the first that has one: dns and cname (the full "
                    + "name), lookup (the name of the own address), os (what the kernel says)."
            ) { $0.isEmpty ? "must not be empty" : nil },
            Field("resource_attributes", \.resourceAttributes, "Which attributes it gives."),
        ]
    }

    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        public var detectors = [Name.env]
        public var override = true
        public var timeout = Duration.seconds(5)
        public var refreshInterval = Duration.zero
        public var failOnMissingMetadata = false
        public var system = SystemSettings()
        public var process = LocalDetectorSettings<ProcessDetector>()
        public var docker = CloudDetectorSettings<DockerDetector>()
        public var ec2 = EC2Settings()
        public var ecs = LocalDetectorSettings<ECSDetector>()
        public var lambda = LocalDetectorSettings<LambdaDetector>()
        public var gcp = CloudDetectorSettings<GCPDetector>()
        public var azure = TaggedDetectorSettings<AzureDetector>()
        public var aks = CloudDetectorSettings<AKSDetector>()
        public var digitalocean = CloudDetectorSettings<DigitalOceanDetector>()
        public var hetzner = CloudDetectorSettings<HetznerDetector>()
        public var heroku = LocalDetectorSettings<HerokuDetector>()

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "detectors", \.detectors,
                "What is asked, in this order; of an attribute that several give the first counts."
            ) { names in
                if names.isEmpty { return "must not be empty" }
                return Set(names).count < names.count ? "must not name a detector twice" : nil
            },
            Field("override", \.override, "Whether attributes that resources have already are replaced."),
            Field("timeout", \.timeout, "How long one detector may take.") {
                $0 <= .zero ? "must be more than 0" : nil
            },
            Field(
                "refresh_interval", \.refreshInterval,
                "How often everything is asked again; 0 is once, when the processor begins."
            ) { $0 < .zero ? "must not be negative" : nil },
            Field(
                "fail_on_missing_metadata", \.failOnMissingMetadata,
                "Whether telemetry is refused, and detection tried again, until every detector "
                    + "has found something."),
            .unsupported(
                "retry",
                "with fail_on_missing_metadata detection is tried again after 1 s, 2 s "
                    + "and so on up to 30 s"),
            Field("system", \.system, "The detector system: the machine."),
            Field("process", \.process, "The detector process: the collector itself."),
            Field("docker", \.docker, "The detector docker: the machine of the container, from its daemon."),
            Field("ec2", \.ec2, "The detector ec2: Amazon EC2."),
            Field("ecs", \.ecs, "The detector ecs: Amazon ECS."),
            Field("lambda", \.lambda, "The detector lambda: AWS Lambda."),
            Field("gcp", \.gcp, "The detector gcp: Google Cloud."),
            Field("azure", \.azure, "The detector azure: virtual machines of Azure."),
            Field("aks", \.aks, "The detector aks: Azure Kubernetes Service."),
            Field("digitalocean", \.digitalocean, "The detector digitalocean: droplets of DigitalOcean."),
            Field("hetzner", \.hetzner, "The detector hetzner: servers of Hetzner Cloud."),
            Field("heroku", \.heroku, "The detector heroku: dynos of Heroku."),
        ]
    }
}
