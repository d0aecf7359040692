<?php
// wp-config.php of the blog under test: its database's socket and its address come from the environment.
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:' . getenv( 'BLOG_SOCKET' ) );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
define( 'WP_HOME', getenv( 'BLOG_ADDRESS' ) );
define( 'WP_SITEURL', getenv( 'BLOG_ADDRESS' ) );
define( 'WP_ENVIRONMENT_TYPE', 'local' ); // application passwords without https
define( 'DISABLE_WP_CRON', true );
define( 'WP_HTTP_BLOCK_EXTERNAL', true ); // it never calls out
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $name ) {
	define( $name . '_KEY', 'only-for-tests-' . $name );
	define( $name . '_SALT', 'only-for-tests-salt-' . $name );
}
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
