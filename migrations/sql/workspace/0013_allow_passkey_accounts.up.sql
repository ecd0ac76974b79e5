alter type account_provider add value 'passkey';
