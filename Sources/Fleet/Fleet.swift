internal import Settings
