internal import FleetModel
