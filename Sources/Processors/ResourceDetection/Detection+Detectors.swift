internal import Telemetry

extension Detection {
    /// What one detector finds, without what is switched off.
    static func detect(
        _ name: ResourceDetection.Name, _ settings: ResourceDetection.Configuration,
        _ surroundings: DetectorSurroundings
    ) async throws(DetectionFailure) -> Detected {
        switch name {
        case .env: try EnvironmentDetector.detect(surroundings)
        case .system:
            await SystemDetector.detect(surroundings, settings.system.hostnameSources)
                .filtered(settings.system.resourceAttributes)
        case .process:
            await ProcessDetector.detect(surroundings).filtered(settings.process.resourceAttributes)
        case .docker:
            try await DockerDetector.detect(surroundings, settings.docker)
                .filtered(settings.docker.resourceAttributes)
        case .ec2:
            try await EC2Detector.detect(surroundings, settings.ec2).filtered(settings.ec2.resourceAttributes)
        case .ecs: try await ECSDetector.detect(surroundings).filtered(settings.ecs.resourceAttributes)
        case .lambda: try LambdaDetector.detect(surroundings).filtered(settings.lambda.resourceAttributes)
        case .gcp:
            try await GCPDetector.detect(surroundings, settings.gcp.endpoint)
                .filtered(settings.gcp.resourceAttributes)
        case .azure:
            try await AzureDetector.detect(surroundings, settings.azure)
                .filtered(settings.azure.resourceAttributes)
        case .aks:
            try await AKSDetector.detect(surroundings, settings.aks.endpoint)
                .filtered(settings.aks.resourceAttributes)
        case .digitalocean:
            try await DigitalOceanDetector.detect(surroundings, settings.digitalocean.endpoint)
                .filtered(settings.digitalocean.resourceAttributes)
        case .hetzner:
            try await HetznerDetector.detect(surroundings, settings.hetzner.endpoint)
                .filtered(settings.hetzner.resourceAttributes)
        case .heroku: try HerokuDetector.detect(surroundings).filtered(settings.heroku.resourceAttributes)
        }
    }
}
